import RolloutCore
import RolloutDiagnostics

/// How one kind of value is written in a file. One declaration says both how it is read, with every problem reported,
/// and which JSON Schema describes it, so that what editors accept and what `rollout` accepts cannot drift apart.
struct Shape<Value: Sendable>: Sendable {
  let schema: JSONValue
  /// The value, or `nil` and at least one error.
  let read: @Sendable (YAMLNode, inout Reading) -> Value?

  init(schema: JSONValue, read: @escaping @Sendable (YAMLNode, inout Reading) -> Value?) {
    self.schema = schema
    self.read = read
  }
}

extension Shape {
  func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Shape<Other> {
    Shape<Other>(schema: schema) { node, reading in read(node, &reading).map(transform) }
  }

  /// Turns the value into another one where it stands, reporting what a schema cannot say.
  func refined<Other>(
    _ transform: @escaping @Sendable (Value, YAMLNode, inout Reading) -> Other?
  ) -> Shape<Other> {
    Shape<Other>(schema: schema) { node, reading in
      read(node, &reading).flatMap { transform($0, node, &reading) }
    }
  }

  /// The value with the node it was read from, for messages about it later.
  var located: Shape<Located<Value>> {
    refined { value, node, _ in Located(value: value, node: node) }
  }
}

/// A value and where it stands.
struct Located<Value: Sendable>: Sendable {
  var value: Value
  var node: YAMLNode
}

/// One key of a mapping: its name, the shape of its value, whether it must be there, and what it is for.
struct Field<Value: Sendable>: Sendable {
  /// Reads the value, if there is one; `nil` after an error.
  typealias Read = @Sendable (YAMLNode?, inout Reading) -> Value?

  let name: String
  let isRequired: Bool
  let schema: JSONValue
  let read: Read
  /// What a wrong value becomes after its report, so that the rest can still be judged. Nothing but rules ever sees
  /// it: after an error, nothing is carried out.
  var standIn: Value?

  /// A key that must be there; the mapping that lacks it says so.
  static func required(_ name: String, _ shape: Shape<Value>, standIn: Value? = nil, _ doc: String) -> Field {
    Field(
      name: name, isRequired: true, schema: shape.schema.described(doc),
      read: { node, reading in node.flatMap { reading.read($0, as: shape, called: name) } }, standIn: standIn)
  }

  /// A key that may be left out; `written` is how the default would be written.
  static func optional(
    _ name: String, _ shape: Shape<Value>, default value: Value, written: JSONValue, _ doc: String
  ) -> Field {
    Field(
      name: name, isRequired: false, schema: shape.schema.described(doc).adding("default", written),
      read: { node, reading in
        guard let node else { return value }
        return reading.read(node, as: shape, called: name)
      }, standIn: value)
  }

  /// A key that may be left out and then means nothing.
  static func optional<Wrapped>(_ name: String, _ shape: Shape<Wrapped>, _ doc: String) -> Field
  where Value == Wrapped? {
    Field(
      name: name, isRequired: false, schema: shape.schema.described(doc),
      read: { node, reading in
        guard let node else { return .some(nil) }
        return reading.read(node, as: shape, called: name).map { .some($0) }
      }, standIn: .some(nil))
  }

  /// A wrong or absent value is `nil`, so that whoever builds the whole can tell it from a right one.
  var tolerant: Field<Value?> {
    let read = read
    return Field<Value?>(name: name, isRequired: isRequired, schema: schema, read: { .some(read($0, &$1)) })
  }
}

extension Reading {
  fileprivate mutating func read<Value>(_ node: YAMLNode, as shape: Shape<Value>, called name: String) -> Value? {
    about("'\(name)'") { shape.read(node, &$0) }
  }
}

/// A field whose value was reported as wrong.
private struct FieldRefused: Error {}

private func accepted<Value>(_ value: Value?) throws(FieldRefused) -> Value {
  guard let value else { throw FieldRefused() }
  return value
}

extension Shape {
  /// A mapping with exactly these keys. All fields are read, and all their problems reported, before it is given up.
  static func object<each Part: Sendable>(
    _ doc: String, _ field: repeat Field<each Part>, build: @escaping @Sendable (repeat each Part) -> Value
  ) -> Shape {
    var names: [String] = []
    var required: [String] = []
    var properties: [String: JSONValue] = [:]
    for field in repeat each field {
      names.append(field.name)
      properties[field.name] = field.schema
      if field.isRequired { required.append(field.name) }
    }
    var schema: [String: JSONValue] = [
      "type": "object", "description": .string(doc), "properties": .object(properties), "additionalProperties": false,
    ]
    if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }

    let fields = (repeat each field)
    let (known, needed) = (names, required)
    return Shape(schema: .object(schema)) { node, reading in
      guard let entries = reading.mapping(node) else { return nil }
      reading.reportKeys(of: entries, in: node, known: known, required: needed)
      return parts(repeat each fields, of: node, &reading, build: build)
    }
  }

  // The optimizer of Swift 6.3 crashes when it specialises this for a pack, so it is told not to.
  @_semantics("optimize.sil.specialize.generic.never")
  @inline(never)
  private static func parts<each Part: Sendable>(
    _ field: repeat Field<each Part>, of node: YAMLNode, _ reading: inout Reading,
    build: (repeat each Part) -> Value
  ) -> Value? {
    let parts = (repeat (each field).read(node[(each field).name], &reading) ?? (each field).standIn)
    return try? build(repeat accepted(each parts))
  }

  /// A mapping with keys of the user's choice, in the order of the file.
  static func dictionary<Item>(_ item: Shape<Item>, keys: String, minimum: Int = 0) -> Shape
  where Value == [Keyed<Item>] {
    var schema: [String: JSONValue] = [
      "type": "object", "additionalProperties": item.schema, "propertyNames": ["description": .string(keys)],
    ]
    if minimum > 0 { schema["minProperties"] = .number(Double(minimum)) }
    return Shape(schema: .object(schema)) { node, reading in
      guard let entries = reading.mapping(node) else { return nil }
      guard entries.count >= minimum else {
        reading.reportRange(node, "must hold at least \(minimum)", help: "add \(keys)")
        return nil
      }
      // Reads every item before giving up, so that all problems are reported.
      let items = entries.map { entry in
        reading.about("'\(entry.key)'") { item.read(entry.value, &$0) }
          .map { Keyed(key: entry.key, keyRange: entry.keyRange, value: $0) }
      }
      return items.contains { $0 == nil } ? nil : items.compactMap(\.self)
    }
  }

  /// A list of at least `minimum` and at most `maximum` items.
  static func list<Item>(_ item: Shape<Item>, minimum: Int = 0, maximum: Int = 100) -> Shape where Value == [Item] {
    var schema: [String: JSONValue] = ["type": "array", "items": item.schema, "maxItems": .number(Double(maximum))]
    if minimum > 0 { schema["minItems"] = .number(Double(minimum)) }
    return Shape(schema: .object(schema)) { node, reading in
      guard case .sequence(let nodes) = node.content else {
        reading.reportType(node, "a list", help: "write it as '[a, b]', or one item a line, each after '- '")
        return nil
      }
      guard (minimum...maximum).contains(nodes.count) else {
        reading.reportRange(
          node, "must hold \(minimum) to \(maximum) items", label: "\(nodes.count) items",
          help: nodes.count < minimum ? "add an item" : "remove some")
        return nil
      }
      let items = nodes.map { item.read($0, &reading) }
      return items.contains { $0 == nil } ? nil : items.compactMap(\.self)
    }
  }
}

/// An entry of a mapping whose keys the user chooses.
struct Keyed<Value: Sendable>: Sendable {
  var key: String
  var keyRange: SourceRange
  var value: Value
}
