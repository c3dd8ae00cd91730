/// A path against a directory, without `.` and `..`. Purely by the words: the file need not exist.
func absolutePath(_ path: String, from directory: String) -> String {
  var parts: [Substring] = []
  for part in (path.hasPrefix("/") ? path : directory + "/" + path).split(separator: "/") {
    switch part {
    case ".": continue
    case "..": _ = parts.popLast()
    default: parts.append(part)
    }
  }
  return "/" + parts.joined(separator: "/")
}

/// A path as messages show it: from the directory that people are in, when the file is below it.
func shownPath(_ path: String, from directory: String) -> String {
  let prefix = directory.hasSuffix("/") ? directory : directory + "/"
  return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
}

func parent(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
  return String(path[..<slash])
}

func fileName(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
