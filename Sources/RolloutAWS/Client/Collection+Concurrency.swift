extension Collection where Element: Sendable {
  /// What comes of every element, in their order, `atOnce` of them at a time. The first failure ends the others.
  func mapped<Output: Sendable>(
    atOnce: Int, _ transform: @escaping @Sendable (Element) async throws(AWSError) -> Output
  ) async throws(AWSError) -> [Output] {
    let elements = Array(self)
    let outcome = await withTaskGroup(of: Placed<Output>.self) { group in
      var started = 0
      var done: [Placed<Output>] = []
      while started < Swift.min(elements.count, atOnce) {
        start(started, of: elements, transform, in: &group)
        started += 1
      }
      while let next = await group.next() {
        done.append(next)
        if case .failure(let error) = next.result {
          group.cancelAll()
          return Result<[Placed<Output>], AWSError>.failure(error)
        }
        if started < elements.count { start(started, of: elements, transform, in: &group) }
        started += 1
      }
      return .success(done.sorted { $0.place < $1.place })
    }
    var outputs: [Output] = []
    for placed in try outcome.get() { outputs.append(try placed.result.get()) }
    return outputs
  }

  private func start<Output: Sendable>(
    _ place: Int, of elements: [Element], _ transform: @escaping @Sendable (Element) async throws(AWSError) -> Output,
    in group: inout TaskGroup<Placed<Output>>
  ) {
    let element = elements[place]
    group.addTask { Placed(place: place, result: await result(of: element, transform)) }
  }
}

private struct Placed<Output: Sendable>: Sendable {
  var place: Int
  var result: Result<Output, AWSError>
}

private func result<Element, Output: Sendable>(
  of element: Element, _ transform: @Sendable (Element) async throws(AWSError) -> Output
) async -> Result<Output, AWSError> {
  do { return .success(try await transform(element)) } catch { return .failure(error) }
}
