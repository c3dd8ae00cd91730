import LoopbackServer
import RolloutCore
import Testing

@testable import RolloutAWS

/// Stacks and change sets, in CloudFormation's own words.
@Suite struct CloudFormationServiceTests {
  private func answer(_ operation: String, _ result: String) -> LoopbackServer.Reply {
    let name = "\(operation)Response"
    let text = """
      <\(name) xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><\(operation)Result>\(result)</\(operation)Result>
      <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></\(name)>
      """
    return .answer(status: 200, body: Array(text.utf8))
  }

  private func refusal(_ status: Int, _ code: String, _ message: String) -> LoopbackServer.Reply {
    let text = """
      <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
      <Code>\(code)</Code><Message>\(message)</Message></Error><RequestId>r</RequestId></ErrorResponse>
      """
    return .answer(status: status, body: Array(text.utf8))
  }

  private var noStack: LoopbackServer.Reply { refusal(400, "ValidationError", "Stack with id eyes does not exist") }

  private func service(_ aws: FakeAWS) throws -> CloudFormationService { CloudFormationService(try aws.client()) }

  @Test func `a stack is read with its parameters, outputs and tags`() async throws {
    let aws = try FakeAWS(
      answer(
        "DescribeStacks",
        """
        <Stacks><member><StackId>arn:s</StackId><StackName>eyes</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>
        <StackStatusReason>fine</StackStatusReason><CreationTime>2026-11-25T10:00:00.123Z</CreationTime>
        <LastUpdatedTime>2026-11-25T11:00:00Z</LastUpdatedTime><EnableTerminationProtection>true</EnableTerminationProtection>
        <Parameters><member><ParameterKey>A</ParameterKey><ParameterValue/></member>
        <member><ParameterKey>B</ParameterKey><ParameterValue>2 &amp; 3</ParameterValue></member></Parameters>
        <Outputs><member><OutputKey>O</OutputKey><OutputValue>v</OutputValue></member></Outputs>
        <Tags><member><Key>k</Key><Value>v</Value></member></Tags></member></Stacks>
        """), noStack)
    let stack = try #require(try await service(aws).stack("eyes"))
    #expect(stack.id == "arn:s" && stack.status == "UPDATE_COMPLETE" && stack.reason == "fine" && stack.isProtected)
    #expect(stack.parameters == ["A": "", "B": "2 & 3"] && stack.outputs == ["O": "v"] && stack.tags == ["k": "v"])
    #expect(stack.lastUpdated == Timestamp("2026-11-25T11:00:00.000Z"))
    #expect(aws.requests.first?.text == "Action=DescribeStacks&Version=2010-05-15&StackName=eyes")
    #expect(try await service(aws).stack("eyes") == nil)
  }

  @Test func `an answer without a stack is not a missing one`() async throws {
    let aws = try FakeAWS(answer("DescribeStacks", "<Stacks/>"))
    await #expect(throws: AWSError.self) { try await service(aws).stack("eyes") }
  }

  @Test func `a change set is asked for with everything in a form`() async throws {
    let aws = try FakeAWS(
      answer("CreateChangeSet", "<Id>arn:c</Id>"), refusal(400, "AlreadyExistsException", "ChangeSet c already exists"),
      refusal(400, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"),
      refusal(400, "ValidationError", "Stack [eyes] already exists and cannot be created again with the changeSet."))
    let service = try service(aws)
    let create = { (template: CloudFormationService.Template, isNew: Bool) in
      try await service.createChangeSet(
        stack: "eyes", name: "rollout-7", isNew: isNew, template: template, parameters: ["B": "x y", "A": "1"],
        capabilities: ["CAPABILITY_IAM"], token: "t-7", tags: ["team": "vision"])
    }
    #expect(try await create(.inline("a: +1"), false))
    #expect(
      aws.requests.first?.text
        == "Action=CreateChangeSet&Version=2010-05-15&StackName=eyes&ChangeSetName=rollout-7&ChangeSetType=UPDATE"
        + "&ClientToken=t-7&TemplateBody=a%3A%20%2B1&Parameters.member.1.ParameterKey=A"
        + "&Parameters.member.1.ParameterValue=1&Parameters.member.2.ParameterKey=B"
        + "&Parameters.member.2.ParameterValue=x%20y&Capabilities.member.1=CAPABILITY_IAM&Tags.member.1.Key=team"
        + "&Tags.member.1.Value=vision")
    #expect(try await !create(.url("https://b/t"), true))
    #expect(aws.requests[1].text.contains("&ChangeSetType=CREATE&ClientToken=t-7&TemplateURL=https%3A%2F%2Fb%2Ft&"))
    let error = await #expect(throws: AWSError.self) { try await create(.inline("a"), false) }
    #expect(error?.failure.refusal?.code == "InsufficientCapabilitiesException")
    // A stack that is there already is not a change set that is.
    await #expect(throws: AWSError.self) { try await create(.inline("a"), true) }
  }

  @Test func `a change set is read over all its pages`() async throws {
    let head = "<ChangeSetId>arn:c</ChangeSetId><StackId>arn:s</StackId><Status>CREATE_COMPLETE</Status>"
    let modify = """
      <member><Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>Endpoint</LogicalResourceId>
      <PhysicalResourceId>arn:e</PhysicalResourceId><ResourceType>AWS::SageMaker::Endpoint</ResourceType>
      <Replacement>Conditional</Replacement><PolicyAction>ReplaceAndRetain</PolicyAction>
      <Scope><member>Properties</member><member>Tags</member></Scope><Details>
      <member><Target><Attribute>Properties</Attribute><Name>EndpointConfigName</Name><RequiresRecreation>Never</RequiresRecreation></Target>
      <Evaluation>Dynamic</Evaluation><ChangeSource>ResourceAttribute</ChangeSource><CausingEntity>Config.Name</CausingEntity></member>
      <member><Target><Attribute>Tags</Attribute></Target></member></Details></ResourceChange></member>
      """
    let add =
      "<member><ResourceChange><Action>Add</Action><LogicalResourceId>A</LogicalResourceId></ResourceChange></member>"
    let aws = try FakeAWS(
      answer(
        "DescribeChangeSet",
        "\(head)<ExecutionStatus>AVAILABLE</ExecutionStatus><Changes>\(modify)</Changes><NextToken>2/</NextToken>"),
      answer("DescribeChangeSet", "\(head)<Changes>\(add)</Changes>"))
    let set = try #require(try await service(aws).changeSet("c", stack: "s"))
    #expect(set.id == "arn:c" && set.status == "CREATE_COMPLETE" && set.executionStatus == "AVAILABLE" && !set.isEmpty)
    #expect(set.changes.map(\.action) == ["Modify", "Add"])
    let change = try #require(set.changes.first)
    #expect(change.replacement == "Conditional" && change.policyAction == "ReplaceAndRetain")
    #expect(change.scope == ["Properties", "Tags"] && change.physicalID == "arn:e")
    #expect(
      change.details == [
        .init(
          attribute: "Properties", name: "EndpointConfigName", recreation: "Never", source: "ResourceAttribute",
          evaluation: "Dynamic", cause: "Config.Name"), .init(attribute: "Tags"),
      ])
    #expect(
      aws.requests.map(\.text) == [
        "Action=DescribeChangeSet&Version=2010-05-15&StackName=s&ChangeSetName=c",
        "Action=DescribeChangeSet&Version=2010-05-15&StackName=s&ChangeSetName=c&NextToken=2%2F",
      ])
  }

  @Test(arguments: [
    ("The submitted information didn't contain changes. Submit different information.", true),
    ("No updates are to be performed.", true), ("Template error: no such parameter", false), ("", false),
  ])
  func `a change set that changes nothing is told from one that failed`(reason: String, isEmpty: Bool) async throws {
    let aws = try FakeAWS(
      answer("DescribeChangeSet", "<Status>FAILED</Status><StatusReason>\(reason)</StatusReason>"))
    #expect(try await service(aws).changeSet("c", stack: "s")?.isEmpty == isEmpty)
  }

  @Test func `a change set that is not there, or whose stack is not, is none`() async throws {
    let aws = try FakeAWS(
      refusal(404, "ChangeSetNotFound", "ChangeSet [c] does not exist"),
      refusal(400, "ValidationError", "Stack [s] does not exist"),
      refusal(404, "ChangeSetNotFound", "ChangeSet [c] does not exist"), answer("DeleteChangeSet", ""))
    let service = try service(aws)
    #expect(try await service.changeSet("c", stack: "s") == nil)
    #expect(try await service.changeSet("c", stack: "s") == nil)
    try await service.deleteChangeSet("c", stack: "s")
    try await service.deleteChangeSet("c", stack: "s")
    #expect(aws.requests.last?.text == "Action=DeleteChangeSet&Version=2010-05-15&StackName=s&ChangeSetName=c")
  }

  @Test func `a change is started once, whatever becomes of the answer`() async throws {
    let aws = try FakeAWS(answer("ExecuteChangeSet", ""), .reset())
    let service = try service(aws)
    try await service.execute(changeSet: "c", stack: "s", token: "t")
    #expect(
      aws.requests.first?.text
        == "Action=ExecuteChangeSet&Version=2010-05-15&StackName=s&ChangeSetName=c&ClientRequestToken=t")
    let error = await #expect(throws: AWSError.self) {
      try await service.execute(changeSet: "c", stack: "s", token: "t")
    }
    #expect(error?.failure.mayHaveHappened == true && aws.requests.count == 2)
  }

  @Test func `a stack is deleted by a request that can be told from others`() async throws {
    let aws = try FakeAWS(.answer(status: 200, body: Array("<DeleteStackResponse/>".utf8)), noStack)
    let service = try service(aws)
    try await service.deleteStack("s", token: "t")
    try await service.deleteStack("s", token: "t")
    #expect(aws.requests.first?.text == "Action=DeleteStack&Version=2010-05-15&StackName=s&ClientRequestToken=t")
  }

  @Test func `events are read back to one that was seen, and no further`() async throws {
    let page = { (ids: [String], next: String) in
      let events = ids.map { id in
        """
        <member><EventId>\(id)</EventId><LogicalResourceId>Endpoint</LogicalResourceId><PhysicalResourceId/>
        <ResourceType>AWS::SageMaker::Endpoint</ResourceType><ResourceStatus>UPDATE_FAILED</ResourceStatus>
        <ResourceStatusReason>alarm</ResourceStatusReason><Timestamp>2026-11-25T10:00:00.123Z</Timestamp>
        <ClientRequestToken>t</ClientRequestToken></member>
        """
      }
      return answer(
        "DescribeStackEvents", "<StackEvents>\(events.joined())</StackEvents><NextToken>\(next)</NextToken>")
    }
    let aws = try FakeAWS(page(["5", "4"], "a"), page(["3", "2"], "b"), page(["5", "4"], "a"), noStack)
    let service = try service(aws)
    let events = try await service.events(of: "s", after: "3")
    #expect(events.map(\.id) == ["5", "4"] && aws.left == 2)
    #expect(
      events.first
        == StackEvent(
          id: "5", logicalID: "Endpoint", type: "AWS::SageMaker::Endpoint", status: "UPDATE_FAILED", reason: "alarm",
          at: Timestamp("2026-11-25T10:00:00.123Z"), token: "t"))
    #expect(try await service.events(of: "s", limit: 1).map(\.id) == ["5"])
    #expect(try await service.events(of: "s").isEmpty)
  }

  @Test func `resources are listed, also those that are not there yet`() async throws {
    let aws = try FakeAWS(
      answer(
        "ListStackResources",
        """
        <StackResourceSummaries><member><LogicalResourceId>Model</LogicalResourceId><ResourceType>T</ResourceType>
        <ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus></member></StackResourceSummaries>
        """), noStack)
    let service = try service(aws)
    #expect(
      try await service.resources(of: "s") == [
        StackResource(logicalID: "Model", type: "T", status: "CREATE_IN_PROGRESS")
      ])
    #expect(try await service.resources(of: "s").isEmpty)
  }

  @Test func `a template comes back as it was given`() async throws {
    let aws = try FakeAWS(
      answer("GetTemplate", "<TemplateBody>Resources:\n  A: &lt;b&gt;\n</TemplateBody>"), noStack,
      answer("GetTemplate", ""))
    let service = try service(aws)
    #expect(try await service.template(of: "s") == "Resources:\n  A: <b>")
    #expect(
      aws.requests.first?.text == "Action=GetTemplate&Version=2010-05-15&StackName=s&TemplateStage=Original")
    #expect(try await service.template(of: "s") == nil)
    await #expect(throws: AWSError.self) { try await service.template(of: "s") }
  }
}
