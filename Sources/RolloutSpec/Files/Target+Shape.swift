import RolloutCore
import RolloutDiagnostics

/// The target as written, as far as it could be read.
enum TargetDraft: Sendable {
  /// The template file, if one is named.
  case local(template: Located<String>?)
  case sageMaker(SageMakerDraft)
}

/// What an environment says of SageMaker. What is `nil` has been reported, or was left out.
struct SageMakerDraft: Sendable {
  var region: String?
  var role: String?
  var stack: String?
  var template: Located<String>?
  var timeout: TimeSpan?
  var parameters: [Keyed<String>]?
}

extension Shape where Value == TargetDraft {
  static var target: Shape { .provider("provider", ["local": local, "sagemaker": sageMaker]) }

  private static var local: Shape {
    .object(
      "The local runtime carries rollouts out.",
      Field.required("provider", .choice([("local", "local")]), "What kind of target it is."),
      Field.optional("template", Shape<String>.path.located, "A file that says how endpoints are run.")
    ) { .local(template: $1) }
  }

  private static var sageMaker: Shape {
    .object(
      "SageMaker carries rollouts out, by way of one CloudFormation stack for the environment.",
      Field.required("provider", .choice([("sagemaker", "sagemaker")]), "What kind of target it is."),
      Field.required("region", .region.withVariables, "AWS's name of the region, us-east-1.").tolerant,
      Field.required("role", .roleARN.withVariables, "ARN of the role that SageMaker assumes for the model.").tolerant,
      Field.optional("stack", .stackName, "The name of the stack; SERVICE-ENVIRONMENT unless given.").tolerant,
      Field.required(
        "template", Shape<String>.path.located, "The CloudFormation template of the environment's stack."
      ).tolerant,
      Field.optional(
        "timeout", .duration,
        "How long a whole deployment may take, 10m to 8h; unless given, the waits and 30 minutes."
      ).tolerant,
      Field.optional(
        "parameters", Shape<[Keyed<String>]>.dictionary(.parameterValue, keys: "names of the template's parameters"),
        default: [], written: [:], "Values of the template's parameters, beside those that rollout fills in itself."
      ).tolerant
    ) { _, region, role, stack, template, timeout, parameters in
      .sageMaker(
        SageMakerDraft(
          region: region, role: role, stack: stack.flatMap(\.self), template: template,
          timeout: timeout.flatMap(\.self), parameters: parameters))
    }
  }
}

/// What users reach, as written: which targets know a type of instance is not known here.
struct EndpointDraft: Sendable {
  var spec: EndpointSpec
  var type: Located<String>?
}

extension Shape where Value == EndpointDraft {
  static var endpoint: Shape {
    .object(
      "What users reach.",
      Field.required("name", .name, "The endpoint's name; no two environments share one."),
      Field.optional(
        "instances", .integer(1...1_000), default: 1, written: 1, "Instances to start with; autoscaling moves them."),
      Field.optional(
        "type", Shape<String>.instanceType.located, "The type of the instances, ml.m5.xlarge; only on SageMaker.")
    ) { EndpointDraft(spec: EndpointSpec(name: $0, instances: $1), type: $2) }
  }
}
