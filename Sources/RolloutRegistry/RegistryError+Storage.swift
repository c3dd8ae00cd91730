import Glibc
import RolloutDigest
import RolloutEngine

extension RegistryError {
  /// The registry's own files could not be read or written.
  init(storage error: any Error) {
    if let known = error as? RegistryError {
      self = known
      return
    }
    guard let error = error as? SystemError else {
      self.init(.storageUnavailable, "the registry cannot be used: \(error)")
      return
    }
    let help =
      switch error.number {
      case ENOSPC, EDQUOT: "free some space on that disk and try again"
      case EACCES, EPERM: "give the user that runs rollout the right to do that"
      case EROFS: "the disk is mounted read-only; mount it for writing or move the registry"
      case ENOTDIR: "a file is in the way; name another path for the registry or move the file"
      case EMFILE, ENFILE: "too many files are open; raise the limit (ulimit -n)"
      default: "check the disk that holds the registry"
      }
    self.init(.storageUnavailable, error.description, help: help + "; nothing was changed")
  }

  /// The directory that was to be registered could not be kept.
  init(source error: any Error, directory: String) {
    if let refusal = error as? FileTreeRefusal {
      self.init(
        .invalidPackage, "\(directory) cannot be registered: \(refusal)",
        help: "a package must mean the same everywhere: keep only files, folders and links between them")
    } else if let error = error as? SystemError {
      self.init(.invalidPackage, error.description, help: "name a directory that exists and can be read")
    } else {
      self.init(storage: error)
    }
  }
}
