import RolloutCore

@testable import RolloutSpec

/// Enough of JSON Schema to hold values against the schemas that rollout writes. An unknown keyword is a problem, so
/// that no schema says more than is checked.
enum SchemaValidator {
  private static let annotations: Set = ["$schema", "title", "description", "default"]

  static func problems(of value: JSONValue, in schema: JSONValue, at path: String = "$") -> [String] {
    guard let keywords = schema.members else { return ["\(path): the schema is no object"] }
    return keywords.sorted { $0.key < $1.key }.flatMap { keyword, rule in
      annotations.contains(keyword) ? [] : problems(of: value, keyword, rule, keywords, at: path)
    }
  }

  private static func problems(
    of value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: [String: JSONValue], at path: String
  ) -> [String] {
    func failing(_ isFailing: Bool) -> [String] { isFailing ? ["\(path): \(keyword)"] : [] }
    switch keyword {
    case "type": return failing(!(rule.items ?? [rule]).contains { value.isOf(type: $0.text ?? "") })
    case "enum": return failing(!(rule.items ?? []).contains(value))
    case "const": return failing(value != rule)
    case "pattern":
      guard let text = value.text, let pattern = rule.text, let regex = try? Regex(pattern) else { return [] }
      return failing(text.firstMatch(of: regex) == nil)
    case "minLength": return failing(Double(value.text?.count ?? .max) < rule.number)
    case "minimum": return failing(value.numberOrNil.map { $0 < rule.number } ?? false)
    case "maximum": return failing(value.numberOrNil.map { $0 > rule.number } ?? false)
    case "minItems": return failing(Double(value.items?.count ?? .max) < rule.number)
    case "maxItems": return failing(Double(value.items?.count ?? 0) > rule.number)
    case "minProperties": return failing(Double(value.members?.count ?? .max) < rule.number)
    case "maxProperties": return failing(Double(value.members?.count ?? 0) > rule.number)
    case "required":
      return failing(
        value.members.map { members in (rule.items ?? []).contains { members[$0.text ?? ""] == nil } } ?? false)
    case "items":
      return (value.items ?? []).enumerated().flatMap { problems(of: $1, in: rule, at: "\(path)[\($0)]") }
    case "properties":
      return (rule.members ?? [:]).sorted { $0.key < $1.key }.flatMap { name, schema in
        value[name].map { problems(of: $0, in: schema, at: "\(path).\(name)") } ?? []
      }
    case "additionalProperties":
      let others = (value.members ?? [:]).filter { schema["properties"]?[$0.key] == nil }.sorted { $0.key < $1.key }
      if rule == false { return failing(!others.isEmpty) }
      return others.flatMap { problems(of: $0.value, in: rule, at: "\(path).\($0.key)") }
    case "propertyNames": return []
    case "oneOf", "anyOf":
      return failing(!(rule.items ?? []).contains { problems(of: value, in: $0, at: path).isEmpty })
    default: return ["\(path): unknown keyword \(keyword)"]
    }
  }
}

extension JSONValue {
  subscript(key: String) -> JSONValue? { members?[key] }
  var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
  var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var numberOrNil: Double? { if case .number(let number) = self { number } else { nil } }
  var number: Double { numberOrNil ?? .nan }

  fileprivate func isOf(type: String) -> Bool {
    switch (self, type) {
    case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
      (.object, "object"):
      true
    case (.number(let number), "integer"): number.rounded() == number
    default: false
    }
  }
}
