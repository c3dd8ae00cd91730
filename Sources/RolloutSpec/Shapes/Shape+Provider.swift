import RolloutCore
import RolloutDiagnostics

extension Shape {
  /// A mapping whose other keys depend on the word at one key.
  static func provider(_ key: String, _ shapes: [String: Shape]) -> Shape {
    let known = shapes.keys.sorted()
    let schemas = known.compactMap { shapes[$0]?.schema }
    return Shape(schema: schemas.count == 1 ? schemas[0] : ["oneOf": .array(schemas)]) { node, reading in
      guard reading.mapping(node) != nil else { return nil }
      guard let choice = node[key] else {
        reading.reportMissing([key], in: node)
        return nil
      }
      let word = reading.about("'\(key)'") { Shape<String>.choice(known.map { ($0, $0) }).read(choice, &$0) }
      return word.flatMap { shapes[$0] }?.read(node, &reading)
    }
  }

  /// A mapping with exactly one of these keys.
  static func oneOf(_ doc: String, _ choices: [(key: String, shape: Shape, doc: String)]) -> Shape {
    let keys = choices.map(\.key)
    let properties = Dictionary(uniqueKeysWithValues: choices.map { ($0.key, $0.shape.schema.described($0.doc)) })
    let schema: JSONValue = [
      "type": "object", "description": .string(doc), "properties": .object(properties), "additionalProperties": false,
      "minProperties": 1, "maxProperties": 1,
    ]
    return Shape(schema: schema) { node, reading in
      guard let entries = reading.mapping(node) else { return nil }
      reading.reportKeys(of: entries, in: node, known: keys, required: [])
      let hasOne = reading.hasOne(of: keys, in: node)
      // Reads all that are given, also when that is one too many, so that all problems are reported.
      let values = choices.compactMap { choice in
        node[choice.key].flatMap { value in reading.about("'\(choice.key)'") { choice.shape.read(value, &$0) } }
      }
      return hasOne ? values.first : nil
    }
  }
}
