import RolloutCore

/// What a part of a template means with its parameters filled in.
struct TemplateValue {
  /// A stretch of a text: known, or the name of what only AWS knows.
  enum Piece: Hashable {
    case text(String)
    case symbol(String)
  }

  enum Content {
    /// `AWS::NoValue`: as if it were not written.
    case absent
    case text([Piece])
    case list([TemplateValue])
    case mapping([(key: String, value: TemplateValue)])
  }

  var content: Content
  /// Through the branches that were taken.
  var path: [LintPlace.Step]
  /// The resource that it was written as a reference to.
  var resource: String?
  /// The parameters that it was made from.
  var parameters: Set<String>

  init(_ content: Content, at path: [LintPlace.Step], resource: String? = nil, parameters: Set<String> = []) {
    self.content = content
    self.path = path
    self.resource = resource
    self.parameters = parameters
  }

  static func text(_ text: String, at path: [LintPlace.Step]) -> TemplateValue {
    TemplateValue(.text([.text(text)]), at: path)
  }

  static func symbol(_ name: String, at path: [LintPlace.Step], resource: String? = nil) -> TemplateValue {
    TemplateValue(.text([.symbol(name)]), at: path, resource: resource)
  }
}

extension TemplateValue {
  var isAbsent: Bool { if case .absent = content { true } else { false } }

  /// Whether it is something that only AWS knows: whatever is asked of it is not known either.
  var isSymbolic: Bool { pieces != nil && knownText == nil }

  var isMapping: Bool { if case .mapping = content { true } else { false } }

  subscript(key: String) -> TemplateValue? {
    guard case .mapping(let entries) = content else { return isSymbolic ? self : nil }
    return entries.first { $0.key == key }?.value
  }

  /// The items of a list; of something that only AWS knows, itself, so that nothing seems to be missing.
  var items: [TemplateValue] { if case .list(let items) = content { items } else { isSymbolic ? [self] : [] } }

  /// `nil` for a list or a mapping.
  var pieces: [Piece]? { if case .text(let pieces) = content { pieces.merged } else { nil } }

  var knownText: String? { pieces?.knownText }

  /// As people read it.
  var description: String {
    switch content {
    case .absent: "nothing"
    case .text(let pieces): pieces.merged.description
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  func stated<Value>(_ read: (String) -> Value?) -> Stated<Value> {
    let content: Stated<Value>.Content =
      if let text = knownText {
        read(text).map { .known($0) } ?? .malformed(text)
      } else if pieces != nil {
        .symbolic(description)
      } else {
        .malformed(description)
      }
    return Stated(content, at: path, resource: resource, parameters: parameters.sorted())
  }

  func text(_ key: String) -> Stated<String>? { self[key]?.stated { $0 } }
  func number(_ key: String) -> Stated<Double>? { self[key]?.stated { finite($0) } }
  func bool(_ key: String) -> Stated<Bool>? { self[key]?.stated { Bool($0.lowercased()) } }
  func integer(_ key: String) -> Stated<Int>? {
    self[key]?.stated { text in Int(text) ?? finite(text).flatMap { Int(exactly: $0) } }
  }
}

private func finite(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

extension [TemplateValue.Piece] {
  /// Neighbouring texts as one, so that two ways to write a value are equal.
  var merged: [TemplateValue.Piece] {
    var merged: [TemplateValue.Piece] = []
    for piece in self {
      if case .text(let text) = piece, case .text(let before)? = merged.last {
        merged[merged.count - 1] = .text(before + text)
      } else {
        merged.append(piece)
      }
    }
    return merged
  }

  var knownText: String? {
    var text = ""
    for piece in self {
      guard case .text(let known) = piece else { return nil }
      text += known
    }
    return text
  }

  /// `Endpoint.EndpointName` for a symbol alone, `endpoint/${Endpoint.EndpointName}` for one in a text.
  var description: String {
    if count == 1, case .symbol(let name) = self[0] { return name }
    return map { piece in
      switch piece {
      case .text(let text): text
      case .symbol(let name): "${\(name)}"
      }
    }.joined()
  }

  /// The parts between slashes.
  var segments: [[TemplateValue.Piece]] {
    var segments: [[TemplateValue.Piece]] = [[]]
    for piece in self {
      guard case .text(let text) = piece else {
        segments[segments.count - 1].append(piece)
        continue
      }
      for (index, part) in text.split(separator: "/", omittingEmptySubsequences: false).enumerated() {
        if index > 0 { segments.append([]) }
        if !part.isEmpty { segments[segments.count - 1].append(.text(String(part))) }
      }
    }
    return segments
  }
}
