/// Stacks of CloudFormation, and the change sets through which they are changed.
package struct CloudFormationService: Sendable {
  package enum Template: Hashable, Sendable {
    /// At most 51,200 bytes.
    case inline(String)
    /// Of an object in S3.
    case url(String)
  }

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// `nil` when there is no such stack. A deleted one is only found by its ID.
  package func stack(_ name: String) async throws(AWSError) -> StackDescription? {
    let answer = try await ifThere { () throws(AWSError) in
      try await ask("DescribeStacks", [("StackName", name)])
    }
    guard let answer else { return nil }
    guard let stack = answer.list("Stacks").first.flatMap({ StackDescription($0) }) else {
      throw unreadable("DescribeStacks", "it describes no stack")
    }
    return stack
  }

  /// Asks for a plan of what would change. `false` when the stack has a change set of that name already, by this very
  /// request too if an answer was lost: look at it.
  ///
  /// `isNew`: for a stack that does not exist, or that another such change set has only announced.
  package func createChangeSet(
    stack: String, name: String, isNew: Bool, template: Template, parameters: [String: String],
    capabilities: [String] = [], token: String, tags: [String: String] = [:]
  ) async throws(AWSError) -> Bool {
    var form = [
      ("StackName", stack), ("ChangeSetName", name), ("ChangeSetType", isNew ? "CREATE" : "UPDATE"),
      ("ClientToken", token),
    ]
    switch template {
    case .inline(let text): form.append(("TemplateBody", text))
    case .url(let url): form.append(("TemplateURL", url))
    }
    form += pairs(parameters, "Parameters", "ParameterKey", "ParameterValue")
    form += capabilities.enumerated().map { ("Capabilities.member.\($0.offset + 1)", $0.element) }
    form += pairs(tags, "Tags", "Key", "Value")
    do {
      _ = try await ask("CreateChangeSet", form)
      return true
    } catch {
      if error.failure.refusal?.code == "AlreadyExistsException" { return false }
      throw error
    }
  }

  /// `nil` when there is no such change set, or no such stack.
  package func changeSet(_ name: String, stack: String) async throws(AWSError) -> ChangeSetDescription? {
    var first: XMLElement?
    let changes: [ResourceChange]? = try await ifThere { () throws(AWSError) in
      try await client.pages(of: "cloudformation:DescribeChangeSet") { token throws(AWSError) in
        let answer = try await ask(
          "DescribeChangeSet", [("StackName", stack), ("ChangeSetName", name)] + page(token))
        if first == nil { first = answer }
        return (
          answer.list("Changes").compactMap { $0["ResourceChange"].map { ResourceChange($0) } },
          answer.text("NextToken")
        )
      }
    }
    guard let changes, let first else { return nil }
    guard let described = ChangeSetDescription(first, changes) else {
      throw unreadable("DescribeChangeSet", "it describes no change set")
    }
    return described
  }

  /// Starts the change. Never sent again by itself: after a lost answer, look at the change set first.
  package func execute(changeSet: String, stack: String, token: String) async throws(AWSError) {
    _ = try await ask(
      "ExecuteChangeSet", [("StackName", stack), ("ChangeSetName", changeSet), ("ClientRequestToken", token)],
      isRepeatable: false)
  }

  /// One that is not there is as good as deleted.
  package func deleteChangeSet(_ name: String, stack: String) async throws(AWSError) {
    _ = try await ifThere { () throws(AWSError) in
      try await ask("DeleteChangeSet", [("StackName", stack), ("ChangeSetName", name)])
    }
  }

  /// Starts the deletion. One that is not there is as good as deleted.
  package func deleteStack(_ name: String, token: String) async throws(AWSError) {
    _ = try await ifThere { () throws(AWSError) in
      try await ask("DeleteStack", [("StackName", name), ("ClientRequestToken", token)])
    }
  }

  /// What happened to a stack and to what is in it, newest first, at most `limit`: all of it, or what came after an
  /// event that was seen before. None of a stack that does not exist.
  package func events(
    of stack: String, after eventID: String? = nil, limit: Int = 1_000
  ) async throws(AWSError) -> [StackEvent] {
    let isEnough = { (events: [StackEvent]) in
      events.count >= limit || eventID != nil && events.contains { $0.id == eventID }
    }
    let events = try await ifThere { () throws(AWSError) in
      try await client.pages(of: "cloudformation:DescribeStackEvents", isEnough: isEnough) { token throws(AWSError) in
        let answer = try await ask("DescribeStackEvents", [("StackName", stack)] + page(token))
        return (answer.list("StackEvents").compactMap { StackEvent($0) }, answer.text("NextToken"))
      }
    }
    return Array((events ?? []).prefix { $0.id != eventID }.prefix(limit))
  }

  /// Empty for a stack that does not exist.
  package func resources(of stack: String) async throws(AWSError) -> [StackResource] {
    let resources = try await ifThere { () throws(AWSError) in
      try await client.pages(of: "cloudformation:ListStackResources") { token throws(AWSError) in
        let answer = try await ask("ListStackResources", [("StackName", stack)] + page(token))
        return (answer.list("StackResourceSummaries").map { StackResource($0) }, answer.text("NextToken"))
      }
    }
    return resources ?? []
  }

  /// As it was given to CloudFormation, but for white space round it and the kind of its line ends, which XML does not
  /// keep. `nil` when there is no such stack.
  package func template(of stack: String) async throws(AWSError) -> String? {
    let answer = try await ifThere { () throws(AWSError) in
      try await ask("GetTemplate", [("StackName", stack), ("TemplateStage", "Original")])
    }
    guard let answer else { return nil }
    guard let text = answer.text("TemplateBody") else { throw unreadable("GetTemplate", "it holds no template") }
    return text
  }

  private func ask(
    _ operation: String, _ form: [(String, String)], isRepeatable: Bool = true
  ) async throws(AWSError) -> XMLElement {
    try await client.query(
      .cloudFormation, version: "2010-05-15", operation, form, isRepeatable: isRepeatable)
  }

  private func unreadable(_ operation: String, _ reason: String) -> AWSError {
    client.unreadable(AWSCall(.cloudFormation, "cloudformation:\(operation)"), reason)
  }

  private func ifThere<Output>(_ ask: () async throws(AWSError) -> Output) async throws(AWSError) -> Output? {
    do { return try await ask() } catch {
      if error.saysAbsent || error.failure.refusal?.code == "ChangeSetNotFound" { return nil }
      throw error
    }
  }

  private func page(_ token: String?) -> [(String, String)] { token.map { [("NextToken", $0)] } ?? [] }

  /// `Tags.member.1.Key=…&Tags.member.1.Value=…`, in the order of the keys.
  private func pairs(
    _ values: [String: String], _ list: String, _ key: String, _ value: String
  ) -> [(String, String)] {
    values.sorted { $0.key < $1.key }.enumerated().flatMap { index, pair in
      [("\(list).member.\(index + 1).\(key)", pair.key), ("\(list).member.\(index + 1).\(value)", pair.value)]
    }
  }
}
