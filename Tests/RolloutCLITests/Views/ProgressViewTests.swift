import RolloutCLI
import RolloutCore
import Testing

struct ProgressViewTests {
  private let baking = EyeCatcher.Story.baking()

  private func block(
    _ story: EyeCatcher.Story, _ observation: EndpointObservation?, at seconds: Int64, _ style: Style = .plain
  ) -> String {
    ProgressView.lines(story.state, observation, now: EyeCatcher.time(seconds), style: style).joined(separator: "\n")
  }

  @Test func `a bake shows both variants side by side and the time that is left`() throws {
    #expect(
      block(baking, EyeCatcher.baking(), at: 644, Style(width: 80)) == """
        r2  staging, production: eye-catcher version 8, started by ci 10m44s ago
        production  step 6 of 11  bake for 10m at 10%  █████░░░░░░░░░░░░░░░  7m16s left
                  version  share  req/min  errors    p50    p99  CPU  ready
          stable  7          90%      432    0.0%  12 ms  40 ms  31%    2/2
          canary  8          10%       48    0.4%  13 ms  44 ms  35%    1/1
          alarms  cpu no data yet (> 70 %), model-errors OK 2 (> 5)
          version 8 answered 2 of 480 requests with an error; users saw 0 of them
          led by  ci@build-7 (pid 4711) since 12:00:00 UTC
        """)
  }

  @Test func `a gate shows who is asked and what to type`() throws {
    #expect(
      block(EyeCatcher.Story.atGate(), EyeCatcher.serving(), at: 130, Style(width: 80)) == """
        r2  staging, production: eye-catcher version 8, started by ci 2m10s ago
        production  step 2 of 11  waits for approval by release  0 of 1, 2d23h left
          type      rollout approve r2
                  version  share  req/min  errors    p50    p99  CPU  ready
          stable  7         100%      432    0.0%  12 ms  40 ms  31%    2/2
          led by  ci@build-7 (pid 4711) since 12:00:00 UTC
        """)
  }

  @Test func `the end says why`() throws {
    #expect(
      block(EyeCatcher.Story.takenBack(), EyeCatcher.serving(), at: 530, Style(width: 80)) == """
        r2  staging, production: eye-catcher version 8, started by ci 8m50s ago
        production  rolled back because: alarm model-errors tripped:
          InvocationModelErrors Sum over 5m was 14 (> 5)
        """)
  }

  @Test(arguments: [40, 80, 120]) func `no line of a block is wider than the terminal`(width: Int) {
    let style = Style(color: true, width: width)
    let lines = ProgressView.lines(baking.state, EyeCatcher.baking(), now: EyeCatcher.time(644), style: style)
    #expect(lines.allSatisfy { Layout.width($0) <= width })
  }

  @Test func `colours change nothing else`() {
    let colored = block(baking, EyeCatcher.baking(), at: 644, Style(color: true, width: 80))
    #expect(colored.contains("\u{1B}[31m0.4%\u{1B}[0m"))
    #expect(
      colored.replacing(/\u{1B}\[[0-9]+m/, with: "") == block(baking, EyeCatcher.baking(), at: 644, Style(width: 80)))
  }

  @Test func `an alarm and a fleet that cannot serve stand out`() {
    let observation = EyeCatcher.baking {
      $0.fleet.alarms[0].state = .alarm
      $0.fleet.alarms[0].value = 14
      $0.fleet.failure = "exit 1: ModuleNotFoundError\nNo module named 'onnx'"
    }
    let text = block(baking, observation, at: 644)
    #expect(text.contains("alarms  cpu no data yet (> 70 %), model-errors ALARM 14 (> 5)"))
    #expect(text.contains("canary cannot serve: exit 1: ModuleNotFoundError No module named 'onnx'"))
  }

  @Test func `a paused rollout says why and how to go on`() {
    var story = baking
    story.write(.holdSet(rollout: "r2", reason: "wait for Omar"), at: 500, by: "maria")
    let text = block(story, EyeCatcher.baking(), at: 644)
    #expect(text.contains("paused: wait for Omar"))
    #expect(text.contains("type      rollout resume r2"))
  }

  @Test func `a log gets the same on one line`() {
    #expect(
      ProgressView.line(baking.state, EyeCatcher.baking(), now: EyeCatcher.time(644)) == """
        12:10:44  production  bake for 10m at 10%  7m16s left; \
        version 8: 48/min, errors 0.4%, p99 44 ms; \
        version 7: 432/min, errors 0.0%, p99 40 ms; no alarm
        """)
    #expect(ProgressView.line(EyeCatcher.Story.takenBack().state, nil, now: EyeCatcher.time(644)) == nil)
  }

  @Test func `without an observation a bake says only what is known`() {
    #expect(
      ProgressView.line(baking.state, nil, now: EyeCatcher.time(644)) == "12:10:44  production  bake for 10m at 10%")
  }
}
