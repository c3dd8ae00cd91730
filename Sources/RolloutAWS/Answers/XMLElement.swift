import CLibExpat

/// One element of an answer in XML, with its text and what stands in it. Names come without their prefixes.
struct XMLElement: Hashable, Sendable {
  var name: String
  /// Of this element alone; white space round it is left out.
  var text: String
  var children: [XMLElement]

  init(_ name: String, text: String = "", _ children: [XMLElement] = []) {
    self.name = name
    self.text = text
    self.children = children
  }

  /// `nil` for whatever is not one whole document, and for one with a document type: AWS sends none, and entities that
  /// name each other can make a megabyte of a line.
  init?(_ bytes: [UInt8]) {
    guard let root = XMLReader().read(bytes) else { return nil }
    self = root
  }

  subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  /// The text of a child that is there and says something.
  func text(_ name: String) -> String? { self[name].flatMap { $0.text.isEmpty ? nil : $0.text } }

  /// The elements of a list, whichever of AWS's two ways it is written in.
  func list(_ name: String, of item: String = "member") -> [XMLElement] {
    self[name]?.children.filter { $0.name == item } ?? []
  }

  /// This element or the first in it of that name, in the order of the text.
  func first(_ name: String) -> XMLElement? {
    if self.name == name { return self }
    for child in children {
      if let found = child.first(name) { return found }
    }
    return nil
  }
}

/// Builds the tree while expat reads.
private final class XMLReader {
  private static let depthMax = 64

  private var open: [XMLElement] = []
  private var root: XMLElement?
  private var isRefused = false

  func read(_ bytes: [UInt8]) -> XMLElement? {
    guard let parser = XML_ParserCreate("UTF-8") else { preconditionFailure("expat has memory for a parser") }
    defer { XML_ParserFree(parser) }
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(
      parser, { context, name, _ in XMLReader.from(context).start(name) },
      { context, _ in XMLReader.from(context).end() })
    XML_SetCharacterDataHandler(parser) { context, text, count in XMLReader.from(context).append(text, count) }
    XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in XMLReader.from(context).isRefused = true }
    let result = bytes.withUnsafeBytes { buffer in
      XML_Parse(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: buffer.count), 1)
    }
    return result == XML_STATUS_OK && !isRefused ? root : nil
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> XMLReader {
    guard let context else { preconditionFailure("expat hands back the context it was given") }
    return Unmanaged<XMLReader>.fromOpaque(context).takeUnretainedValue()
  }

  private func start(_ name: UnsafePointer<CChar>?) {
    guard !isRefused, let name, open.count < Self.depthMax else {
      isRefused = true
      return
    }
    let whole = String(cString: name)
    open.append(XMLElement(String(whole.split(separator: ":").last ?? Substring(whole))))
  }

  private func append(_ text: UnsafePointer<CChar>?, _ count: Int32) {
    guard !isRefused, let text, !open.isEmpty else { return }
    let bytes = UnsafeRawBufferPointer(start: text, count: Int(count))
    open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
  }

  private func end() {
    guard !isRefused, var element = open.popLast() else { return }
    element.text = element.text.trimmed
    if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
  }
}

extension String {
  var trimmed: String {
    let isSpace = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
    guard let first = utf8.firstIndex(where: { !isSpace($0) }), let last = utf8.lastIndex(where: { !isSpace($0) })
    else {
      return ""
    }
    return String(self[first...last])
  }
}
