import RolloutEngine

/// What was asked of a store, by the permission that S3 wants for it.
enum ObjectRequest: String {
  case read = "s3:GetObject"
  case write = "s3:PutObject"
  case list = "s3:ListBucket"
}

extension JournalError {
  /// What a store's refusal means for whoever asked. `place`: the object, or where the list begins, for people.
  init(_ error: ObjectError, _ request: ObjectRequest, _ place: String) {
    let words = request.words
    switch error {
    case .unreachable(let message, let help):
      self.init(
        .storageUnavailable, "cannot \(words) \(place): \(message)",
        help: help ?? "see that \(place) can be reached from here, and run the command again; nothing was written")
    case .noAnswer(let message):
      self.init(
        .storageUnavailable, "no answer when asked to \(words) \(place): \(message)", help: "run the command again")
    case .refused(let code, let message, let help):
      self.init(
        .storageUnavailable, "cannot \(words) \(place): \(code): \(message)",
        help: Self.remedy(for: code, request, place) ?? help
          ?? "see whether whoever runs this may \(words) \(place), and run the command again; nothing was written")
    case .damaged(let message):
      self.init(
        .storageUnavailable, "what answered for \(place) is not the store: \(message)",
        help: "see what stands in between, such as a proxy, and run the command again")
    }
  }

  private static func remedy(for code: String, _ request: ObjectRequest, _ place: String) -> String? {
    switch code {
    case "AccessDenied", "AllAccessDisabled", "UnauthorizedAccess":
      // S3 says the same of an object that is not there to whoever may not list.
      request == .read
        ? "allow s3:GetObject, and s3:ListBucket on its bucket, for \(place) to whoever runs this; nothing was written"
        : "allow \(request.rawValue) for \(place) to whoever runs this; nothing was written"
    case "NoSuchBucket":
      "make the bucket of \(place), or name another one in pipeline.yaml; nothing was written"
    case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
      "name the region of the bucket of \(place) in pipeline.yaml; nothing was written"
    case "SlowDown", "Throttling", "ServiceUnavailable", "ConditionalRequestConflict", "OperationAborted":
      "\(place) is busy: run the command again in a moment; nothing was written"
    default: nil
    }
  }
}

extension ObjectRequest {
  fileprivate var words: String {
    switch self {
    case .read: "read"
    case .write: "write"
    case .list: "list"
    }
  }
}
