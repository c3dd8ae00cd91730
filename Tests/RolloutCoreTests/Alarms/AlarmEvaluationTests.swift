import RolloutCore
import Testing

/// The tables of "Configuring how CloudWatch alarms treat missing data" (Amazon CloudWatch User Guide): five points,
/// oldest first, `0` within bounds, `X` breaching, `-` missing, for an alarm over three periods.
struct MissingDataRow: Sendable, CustomTestStringConvertible {
  let points: String
  let datapointsToAlarm: Int
  /// For missing, ignore, breaching, notBreaching; `nil` keeps the current state.
  let expected: [AlarmReading.State?]

  var testDescription: String { "\(points) M=\(datapointsToAlarm)" }

  static let all: [MissingDataRow] = [
    .init(points: "0 - X - X", datapointsToAlarm: 3, expected: [.ok, .ok, .ok, .ok]),
    .init(points: "0 - - - -", datapointsToAlarm: 3, expected: [.ok, .ok, .ok, .ok]),
    .init(points: "- - - - -", datapointsToAlarm: 3, expected: [.insufficientData, nil, .alarm, .ok]),
    .init(points: "0 X X - X", datapointsToAlarm: 3, expected: [.alarm, .alarm, .alarm, .alarm]),
    .init(points: "- - X - -", datapointsToAlarm: 3, expected: [.alarm, nil, .alarm, .ok]),
    .init(points: "0 - X - X", datapointsToAlarm: 2, expected: [.alarm, .alarm, .alarm, .alarm]),
    .init(points: "0 0 X 0 X", datapointsToAlarm: 2, expected: [.alarm, .alarm, .alarm, .alarm]),
    .init(points: "0 - X - -", datapointsToAlarm: 2, expected: [.ok, .ok, .alarm, .ok]),
    .init(points: "- - - - 0", datapointsToAlarm: 2, expected: [.ok, .ok, .alarm, .ok]),
    .init(points: "- - - X -", datapointsToAlarm: 2, expected: [.alarm, nil, .alarm, .ok]),
  ]
}

@Suite struct AlarmEvaluationTests {
  @Test(arguments: MissingDataRow.all) func `missing data is treated as CloudWatch does`(_ row: MissingDataRow) {
    let newestFirst = row.points.split(separator: " ").reversed().map { $0 == "-" ? nil : $0 == "X" }
    let treatments: [AlarmRule.MissingData] = [.missing, .ignore, .breaching, .notBreaching]
    for (treatment, expected) in zip(treatments, row.expected) {
      for current in [AlarmReading.State.ok, .alarm, .insufficientData] {
        let state = AlarmEvaluation.state(
          of: newestFirst, datapointsToAlarm: row.datapointsToAlarm, evaluationPeriods: 3, missingData: treatment,
          keeping: current)
        #expect(state == expected ?? current, "\(treatment) from \(current)")
      }
    }
  }

  @Test func `with all data there, M of the newest N decide`() {
    func state(_ points: [Bool?], _ most: Int, _ all: Int) -> AlarmReading.State {
      AlarmEvaluation.state(
        of: points, datapointsToAlarm: most, evaluationPeriods: all, missingData: .missing, keeping: .ok)
    }
    #expect(state([true, false, true, true, true], 3, 3) == .ok)
    #expect(state([true, true, true, false, false], 3, 3) == .alarm)
    #expect(state([false, true, true, false, false], 2, 3) == .alarm)
    #expect(state([true, false, false], 1, 1) == .alarm)
    #expect(state([false, true, true], 1, 1) == .ok)
  }
}
