/// CloudFormation's intrinsic functions.
enum TemplateFunction: String, CaseIterable {
  case ref = "Ref"
  case condition = "Condition"
  case and = "And"
  case base64 = "Base64"
  case cidr = "Cidr"
  case equals = "Equals"
  case findInMap = "FindInMap"
  case forEach = "ForEach"
  case getAtt = "GetAtt"
  case getAZs = "GetAZs"
  case `if` = "If"
  case importValue = "ImportValue"
  case join = "Join"
  case length = "Length"
  case not = "Not"
  case or = "Or"
  case select = "Select"
  case split = "Split"
  case sub = "Sub"
  case toJSONString = "ToJsonString"
  case transform = "Transform"

  init?(shortForm: String) { self.init(rawValue: shortForm) }

  /// `Ref`, `Fn::Sub`.
  init?(key: String) {
    switch key {
    case "Ref", "Condition": self.init(rawValue: key)
    case _ where key.hasPrefix("Fn::"):
      guard let function = TemplateFunction(rawValue: String(key.dropFirst(4))), function != .ref,
        function != .condition
      else { return nil }
      self = function
    default: return nil
    }
  }

  var key: String { self == .ref || self == .condition ? rawValue : "Fn::" + rawValue }

  /// The argument of the long form. Only `!GetAtt Name.Attribute` is written otherwise there.
  func argument(_ node: YAMLNode) -> YAMLNode {
    guard self == .getAtt, case .scalar(let scalar) = node.content, let dot = scalar.text.firstIndex(of: ".") else {
      return node
    }
    let parts = [scalar.text[..<dot], scalar.text[scalar.text.index(after: dot)...]].map {
      YAMLNode(content: .scalar(YAMLNode.Scalar(text: String($0), isPlain: false)), range: node.range)
    }
    return YAMLNode(content: .sequence(parts), range: node.range)
  }
}

extension YAMLNode {
  /// The function call that this node is, in its long form.
  var call: (function: TemplateFunction, argument: YAMLNode, key: String)? {
    guard case .mapping(let entries) = content, entries.count == 1, let function = TemplateFunction(key: entries[0].key)
    else { return nil }
    return (function, entries[0].value, entries[0].key)
  }
}
