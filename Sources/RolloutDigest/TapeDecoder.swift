/// Decodes values from a document that was read once. Foundation's decoder takes three times as long, and a journal has
/// tens of thousands of values.
struct TapeDecoder: Decoder {
  let tape: JSONTape
  let index: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard tape.marks[index].kind == .object else { throw unlike([String: String].self) }
    return KeyedDecodingContainer(TapeObject<Key>(tape: tape, index: index))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard tape.marks[index].kind == .array else { throw unlike([String].self) }
    return TapeArray(tape: tape, index: index)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func unlike(_ type: Any.Type) -> DecodingError {
    .typeMismatch(
      type,
      DecodingError.Context(
        codingPath: [], debugDescription: "no \(type) at byte \(tape.marks[index].start) of the document"))
  }

  private func require<T>(_ value: T?) throws -> T {
    guard let value else { throw unlike(T.self) }
    return value
  }
}

extension TapeDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { tape.marks[index].kind == .null }
  func decode(_ type: Bool.Type) throws -> Bool { try require(tape.bool(at: index)) }
  func decode(_ type: String.Type) throws -> String { try require(tape.text(at: index)) }
  func decode(_ type: Double.Type) throws -> Double { try require(tape.double(at: index)) }
  func decode(_ type: Float.Type) throws -> Float { try require(tape.double(at: index).map(Float.init)) }
  func decode(_ type: Int.Type) throws -> Int { try require(tape.integer(at: index)) }
  func decode(_ type: Int8.Type) throws -> Int8 { try require(tape.integer(at: index)) }
  func decode(_ type: Int16.Type) throws -> Int16 { try require(tape.integer(at: index)) }
  func decode(_ type: Int32.Type) throws -> Int32 { try require(tape.integer(at: index)) }
  func decode(_ type: Int64.Type) throws -> Int64 { try require(tape.integer(at: index)) }
  func decode(_ type: UInt.Type) throws -> UInt { try require(tape.integer(at: index)) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try require(tape.integer(at: index)) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try require(tape.integer(at: index)) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try require(tape.integer(at: index)) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try require(tape.integer(at: index)) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }
}

/// An object's members.
private struct TapeObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let tape: JSONTape
  let index: Int

  var codingPath: [any CodingKey] { [] }

  var allKeys: [Key] {
    var keys: [Key] = []
    var place = index + 1
    while place < tape.marks[index].next {
      if let key = tape.text(at: place).flatMap(Key.init(stringValue:)) { keys.append(key) }
      place = Int(tape.marks[place + 1].next)
    }
    return keys
  }

  private func member(_ key: Key) throws -> TapeDecoder {
    guard let place = tape.value(of: key.stringValue, in: index) else {
      throw DecodingError.keyNotFound(
        key,
        DecodingError.Context(
          codingPath: [], debugDescription: "no '\(key.stringValue)' at byte \(tape.marks[index].start)"))
    }
    return TapeDecoder(tape: tape, index: place)
  }

  func contains(_ key: Key) -> Bool { tape.value(of: key.stringValue, in: index) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).decode(type) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try member(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try member(key).decode(type) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try member(key).decode(type) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try member(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).decode(type) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try member(key).decode(type) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try member(key).decode(type) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try member(key).decode(type) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try member(key).decode(type) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try member(key).decode(type) }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: try member(key)) }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    guard let place = tape.value(of: key.stringValue, in: index), tape.marks[place].kind != .null else { return nil }
    return try T(from: TapeDecoder(tape: tape, index: place))
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { TapeDecoder(tape: tape, index: index) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

/// An array's elements, one after the other.
private struct TapeArray: UnkeyedDecodingContainer {
  let tape: JSONTape
  private let end: Int
  private var place: Int
  private(set) var currentIndex = 0

  init(tape: JSONTape, index: Int) {
    self.tape = tape
    place = index + 1
    end = Int(tape.marks[index].next)
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { nil }
  var isAtEnd: Bool { place >= end }

  private mutating func next() throws -> TapeDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        Any.self, DecodingError.Context(codingPath: [], debugDescription: "the array has only \(currentIndex) elements")
      )
    }
    defer {
      place = Int(tape.marks[place].next)
      currentIndex += 1
    }
    return TapeDecoder(tape: tape, index: place)
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, tape.marks[place].kind == .null else { return false }
    _ = try next()
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: try next()) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
  mutating func superDecoder() throws -> any Decoder { try next() }
}
