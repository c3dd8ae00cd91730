/// A value as a template states it: known once its parameters are filled in, or only a name for what AWS will know.
package struct Stated<Value: Hashable & Sendable>: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case known(Value)
    /// `Model.ModelArn`, `endpoint/${Endpoint.EndpointName}/variant/AllTraffic`.
    case symbolic(String)
    /// Written, and no value of this kind: `ten` where a number must be.
    case malformed(String)
  }

  package var content: Content
  /// The keys that lead to it in the template, through the branch of an `Fn::If` that was taken.
  package var path: [LintPlace.Step]
  /// The logical id of the resource that the value belongs to, when it was written as a reference.
  package var resource: String?
  /// The parameters that it was made from, sorted.
  package var parameters: [String]

  package init(
    _ content: Content, at path: [LintPlace.Step], resource: String? = nil, parameters: [String] = []
  ) {
    self.content = content
    self.path = path
    self.resource = resource
    self.parameters = parameters
  }

  package var value: Value? {
    if case .known(let value) = content { value } else { nil }
  }

  /// As people read it.
  package var text: String {
    switch content {
    case .known(let value as Double): shortNumber(value)
    case .known(let value): "\(value)"
    case .symbolic(let text), .malformed(let text): text
    }
  }

  /// Whether the two are the same value; `nil` when only AWS knows.
  package func isSame(as other: Stated<Value>) -> Bool? {
    switch (content, other.content) {
    case (.known(let one), .known(let another)): one == another
    case (.symbolic(let one), .symbolic(let another)) where one == another: true
    default: nil
    }
  }
}

extension LintPlace {
  package init(_ stated: Stated<some Hashable & Sendable>) { self.init(.template, stated.path) }
}
