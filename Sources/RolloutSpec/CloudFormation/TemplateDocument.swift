import RolloutCore
import RolloutDiagnostics

/// A template as it is written: its sections, before anything is filled in.
struct TemplateDocument {
  struct Parameter {
    var name: String
    var node: YAMLNode
    var reading: StackReading.Parameter

    /// AWS looks the value up when the stack is deployed.
    var isLookedUp: Bool { reading.type.hasPrefix("AWS::SSM::Parameter::Value") }
    var isList: Bool { reading.type == "CommaDelimitedList" || reading.type.hasPrefix("List<") }
  }

  struct Resource {
    var id: String
    var type: String
    var node: YAMLNode
    var path: [LintPlace.Step] { [.key("Resources"), .key(id)] }
  }

  let root: YAMLNode
  let parameters: [Parameter]
  let conditions: [YAMLNode.Entry]
  let resources: [Resource]
  /// Whether macros rewrite it, so that names may come from elsewhere.
  let hasMacros: Bool

  init(_ root: YAMLNode) {
    self.root = root
    parameters = root.entries("Parameters").map { Parameter(name: $0.key, node: $0.value, reading: .init($0)) }
    conditions = root.entries("Conditions")
    resources = root.entries("Resources").map { entry in
      Resource(id: entry.key, type: entry.value["Type"]?.scalarText ?? "", node: entry.value)
    }
    let transforms = root["Transform"].map { $0.scalarText.map { [$0] } ?? $0.scalarTexts } ?? []
    hasMacros =
      transforms.contains { $0 != "AWS::LanguageExtensions" } || resources.contains { $0.id.hasPrefix("Fn::") }
  }

  func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }
  func resource(_ id: String) -> Resource? { resources.first { $0.id == id } }
  func condition(_ name: String) -> YAMLNode? { conditions.first { $0.key == name }?.value }
}

extension YAMLNode {
  func entries(_ key: String) -> [Entry] { self[key]?.entries ?? [] }

  var entries: [Entry] { if case .mapping(let entries) = content { entries } else { [] } }

  var items: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }

  /// The text of a scalar of any kind, as CloudFormation takes it.
  var scalarText: String? { if case .scalar(let scalar) = content { scalar.text } else { nil } }

  var scalarTexts: [String] { items?.compactMap(\.scalarText) ?? [] }

  /// Where the value at a path of a reading is seen best.
  func place(of path: [LintPlace.Step]) -> SourceRange {
    place(
      of: path.map { step -> Step in
        switch step {
        case .key(let key): .key(key)
        case .index(let index): .index(index)
        }
      })
  }
}

extension StackReading.Parameter {
  init(_ entry: YAMLNode.Entry) {
    let node = entry.value
    // The default of a list may be written as one.
    let standard = node["Default"].flatMap { node in
      node.scalarText ?? node.items.map { $0.compactMap(\.scalarText).joined(separator: ",") }
    }
    self.init(
      name: entry.key, type: node["Type"]?.scalarText ?? "String", standard: standard,
      allowed: node["AllowedValues"]?.scalarTexts ?? [],
      isSecret: node["NoEcho"]?.scalarText?.lowercased() == "true")
  }
}
