import RolloutCore
import RolloutDiagnostics

extension TemplateEvaluator {
  /// What a call means.
  mutating func apply(
    _ function: TemplateFunction, _ argument: YAMLNode, in node: YAMLNode, at path: [LintPlace.Step], key: String
  ) -> TemplateValue {
    let inner = path + [.key(key)]
    let result: TemplateValue? =
      switch function {
      case .ref: argument.scalarText.map { reference(to: $0, at: path) }
      case .getAtt: attribute(argument, at: path, inner)
      case .if: branch(argument, at: path, inner)
      case .sub: substitution(argument, at: path, inner)
      case .join: joined(argument, at: path, inner)
      case .select: selected(argument, at: path, inner)
      case .split: split(argument, at: path, inner)
      case .findInMap: found(argument, in: node, at: path, inner)
      case .base64: encoded(argument, at: path, inner)
      case .and, .or, .not, .equals, .condition, .cidr, .forEach, .getAZs, .importValue, .length, .toJSONString,
        .transform:
        left(function, argument, at: path, inner)
      }
    if let result { return result }
    reportMalformed(key, function.expectation, at: node)
    return .symbol(function.rawValue, at: path)
  }

  /// A call that AWS alone can answer. Its argument is read all the same, for what it refers to.
  private mutating func left(
    _ function: TemplateFunction, _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue {
    let value = value(argument, at: inner)
    return .symbol("\(function.rawValue)(\(value.description))", at: path)
  }

  private mutating func attribute(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    if let text = argument.scalarText, let dot = text.firstIndex(of: ".") {
      return attribute(String(text[text.index(after: dot)...]), of: String(text[..<dot]), at: path)
    }
    guard let parts = argument.items, parts.count == 2, let id = parts[0].scalarText else { return nil }
    return value(parts[1], at: inner + [.index(1)]).pieces.map { attribute($0.description, of: id, at: path) }
  }

  private mutating func branch(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    guard let parts = argument.items, parts.count == 3, let name = parts[0].scalarText else { return nil }
    guard let holds = condition(name) else { return .symbol("If(\(name))", at: path) }
    let index = holds ? 1 : 2
    return value(parts[index], at: inner + [.index(index)])
  }

  private mutating func substitution(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    var variables: [String: TemplateValue] = [:]
    var text = argument.scalarText
    if let parts = argument.items, parts.count == 2, case .mapping(let entries) = parts[1].content {
      text = parts[0].scalarText
      for entry in entries {
        variables[entry.key] = value(entry.value, at: inner + [.index(1), .key(entry.key)])
      }
    }
    guard let text else { return nil }
    let parts = SubstitutionPart.parts(of: text)
    let values = parts.map { part -> TemplateValue in
      switch part {
      case .text(let plain): return .text(plain, at: path)
      case .variable(let name):
        if let local = variables[name] { return local }
        guard let dot = name.firstIndex(of: ".") else { return reference(to: name, at: path) }
        return attribute(String(name[name.index(after: dot)...]), of: String(name[..<dot]), at: path)
      }
    }
    if values.count == 1, case .variable = parts[0], case .text = values[0].content {
      return TemplateValue(
        values[0].content, at: path, resource: values[0].resource, parameters: values[0].parameters)
    }
    return TemplateValue(
      .text(values.flatMap { $0.pieces ?? [.symbol($0.description)] }), at: path, parameters: values.sources)
  }

  private mutating func joined(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    guard let parts = argument.items, parts.count == 2, let separator = parts[0].scalarText else { return nil }
    let list = value(parts[1], at: inner + [.index(1)])
    guard case .list(let items) = list.content else { return .symbol("Join(\(list.description))", at: path) }
    var pieces: [TemplateValue.Piece] = []
    for (index, item) in items.enumerated() {
      if index > 0 { pieces.append(.text(separator)) }
      pieces += item.pieces ?? [.symbol(item.description)]
    }
    return TemplateValue(.text(pieces), at: path, parameters: items.sources)
  }

  private mutating func selected(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    guard let parts = argument.items, parts.count == 2 else { return nil }
    let index = value(parts[0], at: inner + [.index(0)])
    let list = value(parts[1], at: inner + [.index(1)])
    guard case .list(let items) = list.content, let text = index.knownText else {
      return .symbol("Select(\(index.description), \(list.description))", at: path)
    }
    guard let index = Int(text), items.indices.contains(index) else { return nil }
    var item = items[index]
    item.path = path
    return item
  }

  private mutating func split(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    guard let parts = argument.items, parts.count == 2, let separator = parts[0].scalarText, !separator.isEmpty
    else { return nil }
    let whole = value(parts[1], at: inner + [.index(1)])
    guard let text = whole.knownText else { return .symbol("Split(\(whole.description))", at: path) }
    return TemplateValue(.list(text.split(on: separator).map { .text($0, at: path) }), at: path)
  }

  private mutating func found(
    _ argument: YAMLNode, in node: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    guard let parts = argument.items, parts.count == 3 || parts.count == 4 else { return nil }
    let keys = parts.prefix(3).enumerated().map { value($1, at: inner + [.index($0)]) }
    let names = keys.compactMap(\.knownText)
    let unknown = TemplateValue.symbol("FindInMap(\(keys.map(\.description).joined(separator: ", ")))", at: path)
    guard names.count == 3 else { return unknown }
    var place = document.root["Mappings"]
    for name in names {
      if let next = place?[name] {
        place = next
        continue
      }
      if parts.count == 4, let standard = parts[3]["DefaultValue"] {
        return value(standard, at: inner + [.index(3), .key("DefaultValue")])
      }
      let candidates = place?.entries.map(\.key) ?? []
      diagnostics.report(
        Diagnostic(
          .templateNameUndefined, "no mapping holds '\(names.joined(separator: "/"))'",
          at: Label(node.shortRange, "'\(name)' is not there"),
          help: name.nearest(in: candidates).map { "did you mean '\($0)'?" }
            ?? (candidates.isEmpty ? "add it under 'Mappings'" : "it has \(candidates.joined(separator: ", "))")))
      return unknown
    }
    return place.map { value($0, at: path) }
  }

  private mutating func encoded(
    _ argument: YAMLNode, at path: [LintPlace.Step], _ inner: [LintPlace.Step]
  ) -> TemplateValue? {
    let plain = value(argument, at: inner)
    guard let text = plain.knownText else { return .symbol("Base64(\(plain.description))", at: path) }
    return .text(Base64.text(Array(text.utf8)), at: path)
  }
}

extension TemplateFunction {
  /// What it takes, for a message.
  fileprivate var expectation: String {
    switch self {
    case .ref: "the name of a parameter or a resource"
    case .getAtt: "a resource and an attribute, as in 'Model.ModelName'"
    case .if: "a list of a condition's name and two values"
    case .sub: "a text, or a list of a text and a mapping"
    case .join: "a list of a separator and a list"
    case .select: "a list of an index and a list that is long enough"
    case .split: "a list of a separator and a text"
    case .findInMap: "a list of a mapping's name and two keys"
    default: "something else"
    }
  }
}

extension [TemplateValue] {
  /// The parameters that all of them were made from.
  fileprivate var sources: Set<String> { reduce(into: []) { $0.formUnion($1.parameters) } }
}

/// A piece of the text of `Fn::Sub`.
enum SubstitutionPart {
  case text(String)
  /// `Name` or `Name.Attribute`.
  case variable(String)

  static func parts(of text: String) -> [SubstitutionPart] {
    var parts: [SubstitutionPart] = []
    var plain = ""
    var rest = Substring(text)
    while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
      plain += rest[..<start.lowerBound]
      let name = rest[start.upperBound..<end]
      if name.first == "!" {
        plain += "${\(name.dropFirst())}"
      } else {
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = ""
        parts.append(.variable(name.trimmed))
      }
      rest = rest[rest.index(after: end)...]
    }
    plain += rest
    if !plain.isEmpty || parts.isEmpty { parts.append(.text(plain)) }
    return parts
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension String {
  fileprivate func split(on separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
