import CLibYAML
import RolloutDiagnostics

/// One step of libyaml's parser, with the exact place it was found at.
struct YAMLEvent {
  struct Properties {
    var anchor: String?
    var tag: String?
  }

  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
    case alias(String)
    case scalar(text: String, isPlain: Bool, Properties)
    case sequenceStart(Properties)
    case mappingStart(Properties)
  }

  var kind: Kind
  var start: SourcePosition
  var end: SourcePosition
}

/// What libyaml says about text that is not YAML.
struct YAMLSyntaxError: Error {
  var problem: String
  /// `nil` when the problem is a byte, at `byteOffset`.
  var position: SourcePosition?
  var byteOffset: Int
  /// What was being read, and where it began.
  var context: (text: String, position: SourcePosition)?
}

/// libyaml's parser over bytes in memory. All unsafe code about YAML is in this file.
struct YAMLEvents: ~Copyable {
  // libyaml keeps pointers into both, so neither may move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8]) {
    parser = .allocate(capacity: 1)
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    precondition(yaml_parser_initialize(parser) == 1, "there is memory for a parser")
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event. Not to be called again after it threw or returned `streamEnd`.
  mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    defer { yaml_event_delete(&event) }
    return YAMLEvent(
      kind: Self.kind(of: event), start: SourcePosition(event.start_mark), end: SourcePosition(event.end_mark))
  }

  private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT: .streamStart
    case YAML_STREAM_END_EVENT: .streamEnd
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_DOCUMENT_END_EVENT: .documentEnd
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_ALIAS_EVENT: .alias(text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT: scalar(event.data.scalar)
    case YAML_SEQUENCE_START_EVENT:
      .sequenceStart(properties(event.data.sequence_start.anchor, event.data.sequence_start.tag))
    case YAML_MAPPING_START_EVENT:
      .mappingStart(properties(event.data.mapping_start.anchor, event.data.mapping_start.tag))
    default: preconditionFailure("libyaml has no other events")
    }
  }

  private static func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar) -> YAMLEvent.Kind {
    // By length: an escape may have put a NUL into the text.
    let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    return .scalar(
      text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, properties(scalar.anchor, scalar.tag))
  }

  private static func properties(
    _ anchor: UnsafePointer<yaml_char_t>?, _ tag: UnsafePointer<yaml_char_t>?
  ) -> YAMLEvent.Properties {
    YAMLEvent.Properties(anchor: text(anchor), tag: text(tag))
  }

  private static func text(_ pointer: UnsafePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func syntaxError() -> YAMLSyntaxError {
    let state = parser.pointee
    precondition(state.error != YAML_MEMORY_ERROR, "there is memory for a file of limited size")
    return YAMLSyntaxError(
      problem: state.problem.map { String(cString: $0) } ?? "this is not YAML",
      position: state.error == YAML_READER_ERROR ? nil : SourcePosition(state.problem_mark),
      byteOffset: state.problem_offset,
      context: state.context.map { (String(cString: $0), SourcePosition(state.context_mark)) })
  }
}

extension SourcePosition {
  fileprivate init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
}
