extension DiagnosticCode {
  /// R030: CloudFormation templates, as they are written.
  var templateExplanation: Explanation? {
    switch self {
    case .notATemplate:
      Explanation(
        "a file is no CloudFormation template",
        "A target on SageMaker names a template, in YAML or JSON, with 'Resources'. This file has none.",
        example: "target: {provider: sagemaker, template: ../Templates/local-endpoint.yaml}",
        mend: "target: {provider: sagemaker, template: ../Templates/production.yaml}")
    case .templateKeyUnknown:
      Explanation(
        "a key or a type in a template is unknown",
        """
        CloudFormation refuses the template, or, worse, the resource does without what was meant. The keys of
        endpoints, their configurations and models, of alarms and of scaling are checked at every depth; of other
        resources only the ones that every resource has.
        """, example: "Endpoint:\n  Type: AWS::SageMaker::Endpoint\n  Properties: {DeploymentConfgi: {}}",
        mend: "Endpoint:\n  Type: AWS::SageMaker::Endpoint\n  Properties: {DeploymentConfig: {}}")
    case .templateNameUndefined:
      Explanation(
        "a template refers to something that is not there",
        """
        'Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::If', 'Fn::FindInMap', 'Condition' or 'DependsOn' names nothing that the
        template has, or a resource that its condition leaves out while the reference stays in.
        """, example: "AlarmName: !Ref ModelErorsAlarm", mend: "AlarmName: !Ref ModelErrorsAlarm")
    case .templateCycle:
      Explanation(
        "parts of a template wait for each other",
        """
        An endpoint names its alarms, so they are made first. If an alarm names the endpoint by a reference, each must
        exist before the other. Take the endpoint's name from a parameter in the alarm.
        """, example: "Dimensions: [{Name: EndpointName, Value: !GetAtt Endpoint.EndpointName}]",
        mend: "Dimensions: [{Name: EndpointName, Value: !Ref EndpointName}]")
    case .templateParameterUndeclared:
      Explanation(
        "a value is given for a parameter that a template does not have",
        "CloudFormation would refuse the deployment. Nothing would read the value.",
        example: "target: {parameters: {Bukket: pictures}}", mend: "target: {parameters: {Bucket: pictures}}")
    case .templateParameterMissing:
      Explanation(
        "a template's parameter has no value",
        """
        It has no default, and nobody gives it one. What rollout fills in by itself, such as EndpointName or
        ModelPackageArn, needs none.
        """, example: "Parameters:\n  Bucket: {Type: String}",
        mend: "Parameters:\n  Bucket: {Type: String, Default: pictures}")
    case .templateParameterRefused:
      Explanation(
        "a template's parameter does not allow its value",
        "The value is none of 'AllowedValues', outside 'MinValue' and 'MaxValue', or no number where one must be.",
        example: "Routing: {Type: String, AllowedValues: [CANARY, LINEAR], Default: CANNARY}",
        mend: "Routing: {Type: String, AllowedValues: [CANARY, LINEAR], Default: CANARY}")
    case .templateFunctionMalformed:
      Explanation(
        "a function in a template has the wrong arguments",
        "CloudFormation refuses a function with too few or too many parts, or of another kind.",
        example: "InitialInstanceCount: !If [IsProduction, 4]", mend: "InitialInstanceCount: !If [IsProduction, 4, 1]")
    case .endpointNotOne:
      Explanation(
        "a template has no endpoint, or several",
        """
        An environment is one endpoint, found by its type, AWS::SageMaker::Endpoint, whatever it is called. Several
        could not be judged by the same alarms, nor rolled back one by one.
        """, example: "Resources:\n  Blue: {Type: AWS::SageMaker::Endpoint}\n  Green: {Type: AWS::SageMaker::Endpoint}",
        mend: "Resources:\n  Endpoint: {Type: AWS::SageMaker::Endpoint}")
    case .templateAlias:
      Explanation(
        "a template has an alias",
        """
        CloudFormation refuses YAML's aliases. Other tools write a template out before they send it; rollout sends the
        one that people have read.
        """, example: "Tags: &tags [{Key: team, Value: fox}]\nOther: *tags",
        mend: "Tags: [{Key: team, Value: fox}]\nOther: [{Key: team, Value: fox}]")
    case .templateTooLarge:
      Explanation(
        "a template is large",
        """
        CloudFormation takes 51,200 bytes in a request. A larger template goes by way of an S3 bucket, which the state's
        bucket serves for; one of more than a megabyte is refused everywhere.
        """, example: "-rw-r--r-- 1.2M Templates/production.yaml", mend: "-rw-r--r--  14K Templates/production.yaml")
    default: nil
    }
  }
}
