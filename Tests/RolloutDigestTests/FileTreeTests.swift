import Foundation
import Glibc
import RolloutCore
import RolloutDigest
import Testing

/// A directory that is gone when the test is.
final class ScratchDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "rollout-digest-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func tree() throws -> FileTree { try FileTree(of: path) }
  func digest(of file: String) throws -> Digest { try Digest(ofFile: path + "/" + file) }

  func write(_ text: String, to file: String, executable: Bool = false) throws {
    let place = path + "/" + file
    let folder = (place as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: place))
    if executable { chmod(place, 0o755) }
  }

  func link(_ file: String, to target: String) {
    #expect(symlink(target, path + "/" + file) == 0)
  }
}

struct FileTreeTests {
  private func sample() throws -> ScratchDirectory {
    let directory = try ScratchDirectory()
    try directory.write("weights", to: "model/weights.bin")
    try directory.write("#!/bin/sh", to: "serve", executable: true)
    directory.link("current", to: "model/weights.bin")
    return directory
  }

  @Test func `a tree lists its files in order, with contents and who may run them`() throws {
    let directory = try sample()
    let tree = try directory.tree()
    #expect(
      tree.entries == [
        .init(path: "current", content: .link(target: "model/weights.bin")),
        .init(
          path: "model/weights.bin",
          content: .file(digest: Digest(of: "weights"), sizeBytes: 7, isExecutable: false)),
        .init(path: "serve", content: .file(digest: Digest(of: "#!/bin/sh"), sizeBytes: 9, isExecutable: true)),
      ])
    #expect(tree.sizeBytes == 16)
  }

  @Test func `two directories with the same files have the same digest`() throws {
    let one = try sample()
    let other = try sample()
    #expect(try one.tree().digest() == other.tree().digest())
  }

  @Test func `a byte, a name, a permission and a link each change the digest`() throws {
    let original = try sample().tree().digest()
    let changes: [(ScratchDirectory) throws -> Void] = [
      { try $0.write("Weights", to: "model/weights.bin") },
      { #expect(rename($0.path + "/serve", $0.path + "/Serve") == 0) },
      { #expect(chmod($0.path + "/serve", 0o644) == 0) },
      {
        #expect(unlink($0.path + "/current") == 0)
        $0.link("current", to: "serve")
      },
      { try $0.write("", to: "empty") },
    ]
    var digests = [original]
    for change in changes {
      let directory = try sample()
      try change(directory)
      digests.append(try directory.tree().digest())
    }
    #expect(Set(digests).count == digests.count)
  }

  @Test(arguments: [
    ("/etc/passwd", "is a link to the absolute path /etc/passwd"),
    ("../nowhere", "is a link to ../nowhere, which does not exist"),
    ("../", "is a link to ../, outside the directory"),
    ("nowhere", "is a link to nowhere, which does not exist"),
    ("bad", "is a link to bad, which does not exist"),
  ])
  func `a link that leads out of the directory or nowhere is refused`(target: String, reason: String) throws {
    let directory = try sample()
    directory.link("bad", to: target)
    let refusal = #expect(throws: FileTreeRefusal.self) { try directory.tree() }
    #expect(refusal?.description == "bad " + reason)
  }

  @Test func `a link that leaves and comes back by the directory's name is refused`() throws {
    let directory = try sample()
    directory.link("bad", to: "../" + (directory.path as NSString).lastPathComponent + "/serve")
    #expect(throws: FileTreeRefusal.self) { try directory.tree() }
  }

  @Test func `a pipe is refused`() throws {
    let directory = try sample()
    #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
    let refusal = #expect(throws: FileTreeRefusal.self) { try directory.tree() }
    #expect(refusal?.description == "pipe is neither a file nor a directory nor a link")
  }

  @Test func `a name that is not UTF-8 is refused`() throws {
    let directory = try sample()
    let name = Array((directory.path + "/").utf8) + [0xff, 0]
    let descriptor = name.withUnsafeBytes {
      open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
    }
    close(descriptor)
    #expect(throws: FileTreeRefusal.self) { try directory.tree() }
  }

  @Test func `a missing directory says so`() throws {
    let error = #expect(throws: SystemError.self) { try FileTree(of: "/no/such/directory") }
    #expect(error?.description == "cannot read /no/such/directory: No such file or directory")
    #expect(error?.isMissing == true)
  }

  @Test func `a file larger than one piece has the digest of its bytes`() throws {
    let directory = try ScratchDirectory()
    let text = String(repeating: "0123456789abcdef", count: FileReader.chunkBytes / 16 * 3 + 1)
    try directory.write(text, to: "large")
    #expect(try directory.digest(of: "large") == Digest(of: text))
  }
}
