import RolloutCore
import RolloutEngine
import RolloutHTTP

extension SmokeResult {
  /// Adds up the repetitions of one case.
  init(suite: String, of smokeCase: SmokeCase, attempts: [SmokeAttempt]) {
    var tally = SmokeDefectTally()
    var answers: [SmokeAnswer] = []
    for attempt in attempts {
      switch attempt {
      case .answered(let answer):
        answers.append(answer)
        for defect in smokeCase.defects(in: answer) { tally.add(defect) }
      case .unanswered(let error):
        tally.add(SmokeDefect("expected an answer, but ", .text(error.message)))
      }
    }
    let latencies = answers.map(\.milliseconds)
    self.init(
      suite: suite, name: smokeCase.name, repetitions: attempts.count,
      failures: tally.lines.map { Failure(message: $0.message, source: $0.source, count: $0.count) },
      latencyP50: percentile(50, of: latencies), latencyP95: percentile(95, of: latencies),
      latencyMax: latencies.max(), status: answers.first?.status, answer: answers.first?.excerpt)
  }
}
