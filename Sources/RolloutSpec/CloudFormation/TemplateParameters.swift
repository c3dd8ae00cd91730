import RolloutCore
import RolloutDiagnostics

/// Values of parameters against what the template declares.
enum TemplateParameters {
  static func problems(in document: TemplateDocument, given: [String: String]) -> [Diagnostic] {
    undeclared(in: document, given)
      + document.parameters.flatMap { parameter -> [Diagnostic] in
        let value = given[parameter.name] ?? parameter.reading.standard
        guard let value else { return missing(parameter) }
        return refused(value, of: parameter, isGiven: given[parameter.name] != nil)
      }
  }

  private static func undeclared(in document: TemplateDocument, _ given: [String: String]) -> [Diagnostic] {
    let names = document.parameters.map(\.name)
    return given.keys.sorted().filter { name in
      !names.contains(name) && !name.hasPrefix("AWS::") && !StackParameters.filled.contains(name)
    }.map { name in
      Diagnostic(
        .templateParameterUndeclared, "the template has no parameter '\(name)'",
        at: Label(document.root.place(of: [.key("Parameters")]), "it would have to be declared here"),
        help: name.nearest(in: names).map { "did you mean '\($0)'?" } ?? "declare it, or give it no value")
    }
  }

  private static func missing(_ parameter: TemplateDocument.Parameter) -> [Diagnostic] {
    guard !StackParameters.filled.contains(parameter.name) else { return [] }
    return [
      Diagnostic(
        .templateParameterMissing, "the parameter '\(parameter.name)' has no value",
        at: Label(parameter.node.shortRange, "there is no default"),
        help: "add a 'Default', or name it under 'target.parameters' in the environment's file")
    ]
  }

  private static func refused(
    _ value: String, of parameter: TemplateDocument.Parameter, isGiven: Bool
  ) -> [Diagnostic] {
    guard !parameter.isLookedUp, let (key, rule) = violation(by: value, of: parameter) else { return [] }
    let node = parameter.node
    let shown = parameter.reading.isSecret ? "its value" : "'\(value)'"
    let place = (isGiven ? node[key] : node["Default"]) ?? node
    return [
      Diagnostic(
        .templateParameterRefused, "the parameter '\(parameter.name)' cannot be \(shown)",
        at: Label(place.shortRange, rule),
        help: value.nearest(in: parameter.reading.allowed).map { "did you mean '\($0)'?" }
          ?? "give it another value, or change the rule")
    ]
  }

  /// The key of the rule that a value breaks, and what the rule says. Patterns are left to AWS.
  private static func violation(
    by value: String, of parameter: TemplateDocument.Parameter
  ) -> (key: String, rule: String)? {
    let node = parameter.node
    let allowed = parameter.reading.allowed
    let items = parameter.isList ? value.split(separator: ",").map(String.init) : [value]
    if !allowed.isEmpty, !items.allSatisfy(allowed.contains) {
      return ("AllowedValues", "it is one of \(allowed.joined(separator: ", "))")
    }
    func bound(_ key: String) -> Double? { node[key]?.scalarText.flatMap(Double.init) }
    if parameter.reading.type == "Number" {
      guard let number = Double(value), number.isFinite else { return ("Type", "it is a number") }
      if let least = bound("MinValue"), number < least { return ("MinValue", "it is at least \(shortNumber(least))") }
      if let most = bound("MaxValue"), number > most { return ("MaxValue", "it is at most \(shortNumber(most))") }
    } else if parameter.reading.type == "String" {
      let length = Double(value.count)
      if let least = bound("MinLength"), length < least {
        return ("MinLength", "it has at least \(shortNumber(least)) characters")
      }
      if let most = bound("MaxLength"), length > most {
        return ("MaxLength", "it has at most \(shortNumber(most)) characters")
      }
    }
    return nil
  }
}
