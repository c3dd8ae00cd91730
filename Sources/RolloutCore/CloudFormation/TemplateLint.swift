/// One rule over what a template says, named for what must be true.
protocol TemplateRule: SendableMetatype {
  static func findings(in stack: StackReading) -> [TemplateFinding]
}

/// All rules about templates. What only AWS knows breaks none of them.
package enum TemplateLint {
  private static let rules: [any TemplateRule.Type] = []

  /// `live` is what the stack's template says now, for what may not change.
  package static func findings(in stack: StackReading, live: StackReading? = nil) -> [TemplateFinding] {
    rules.flatMap { $0.findings(in: stack) }
  }
}
