extension Collection where Element: Sendable {
  /// What comes of every element, in their order, `atOnce` of them at a time. The first failure ends the others.
  func mapped<Output: Sendable>(
    atOnce: Int, _ transform: @escaping @Sendable (Element) async throws(AWSError) -> Output
  ) async throws(AWSError) -> [Output] {
    let outcome = await withTaskGroup(of: (Int, Result<Output, AWSError>).self) { group in
      var rest = enumerated().makeIterator()
      var done: [(place: Int, output: Output)] = []
      func startNext() {
        guard let (place, element) = rest.next() else { return }
        group.addTask {
          do throws(AWSError) { return (place, .success(try await transform(element))) } catch {
            return (place, .failure(error))
          }
        }
      }
      for _ in 0..<atOnce { startNext() }
      while let (place, result) = await group.next() {
        switch result {
        case .success(let output):
          done.append((place, output))
          startNext()
        case .failure(let error):
          group.cancelAll()
          return Result<[Output], AWSError>.failure(error)
        }
      }
      return .success(done.sorted { $0.place < $1.place }.map(\.output))
    }
    return try outcome.get()
  }
}
