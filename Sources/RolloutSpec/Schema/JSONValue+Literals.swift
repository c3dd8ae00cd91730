import RolloutCore

// Schemas are written as literals in the shapes that they describe.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(integerLiteral value: Int) { self = .number(Double(value)) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }
}

extension JSONValue {
  func adding(_ key: String, _ value: JSONValue) -> JSONValue {
    guard case .object(var object) = self else { return self }
    object[key] = value
    return .object(object)
  }

  /// With a description in front of what the shape says of itself.
  func described(_ doc: String) -> JSONValue {
    guard case .object(let object) = self else { return self }
    guard case .string(let own)? = object["description"], own != doc else { return adding("description", .string(doc)) }
    return adding("description", .string(doc + " " + own))
  }
}
