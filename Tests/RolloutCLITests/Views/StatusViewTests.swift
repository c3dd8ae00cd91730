import RolloutCLI
import RolloutCore
import RolloutEngine
import Testing

struct StatusViewTests {
  private func input(
    _ story: EyeCatcher.Story, _ observations: [String: EndpointObservation] = [:], at seconds: Int64,
    address: String? = "http://127.0.0.1:8080", leaseIsLive: Bool = true, holderLives: Bool = false,
    stages: [String] = ["staging", "production"]
  ) -> StatusView.Input {
    StatusView.Input(
      service: "eye-catcher", stages: stages, state: story.state, observations: observations,
      runtimeAddress: address,
      lease: LeaseLook(
        isLive: leaseIsLive, left: leaseIsLive ? .seconds(22) : .zero, holderLives: leaseIsLive || holderLives),
      now: EyeCatcher.time(seconds))
  }

  private var baking: StatusView.Input {
    input(
      .baking(), ["staging": EyeCatcher.serving("staging"), "production": EyeCatcher.baking()], at: 644)
  }

  @Test func `a running rollout is shown with what is live beside it`() throws {
    #expect(
      StatusView.text(baking, style: Style(width: 80)) == """
        eye-catcher

        staging     revision 2: eye-catcher version 8,
          live since 2026-08-01 12:00 UTC (r2)
                  version  share  req/min  errors    p50    p99  CPU  ready
          stable  7         100%      432    0.0%  12 ms  40 ms  31%    2/2
          alarms of version 7  cpu no data yet (> 70 %), model-errors OK 2 (> 5)

        production  revision 1: eye-catcher version 7,
          live since 2026-08-01 10:01 UTC (r1)
                  version  share  req/min  errors    p50    p99  CPU  ready
          stable  7          90%      432    0.0%  12 ms  40 ms  31%    2/2
          canary  8          10%       48    0.4%  13 ms  44 ms  35%    1/1
          alarms of version 7  cpu no data yet (> 70 %), model-errors OK 2 (> 5)
          alarms of version 8  cpu no data yet (> 70 %), model-errors OK 2 (> 5)
          version 8 answered 2 of 480 requests with an error; users saw 0 of them

        The runtime serves at http://127.0.0.1:8080.

        Rollout r2  staging, production: eye-catcher version 8, started by ci 10m44s ago
          production, step 6 of 11: bake for 10m at 10%, 7m16s left
          led by ci@build-7 (pid 4711) since 2026-08-01 12:00 UTC; its lease lasts 22s
            more unless it is renewed
        """)
  }

  @Test func `a wide terminal needs fewer lines`() throws {
    #expect(
      StatusView.text(baking, style: Style(width: 120)) == """
        eye-catcher

        staging     revision 2: eye-catcher version 8, live since 2026-08-01 12:00 UTC (r2)
                  version  share  req/min  errors    p50    p99  CPU  ready
          stable  7         100%      432    0.0%  12 ms  40 ms  31%    2/2
          alarms of version 7  cpu no data yet (> 70 %), model-errors OK 2 (> 5)

        production  revision 1: eye-catcher version 7, live since 2026-08-01 10:01 UTC (r1)
                  version  share  req/min  errors    p50    p99  CPU  ready
          stable  7          90%      432    0.0%  12 ms  40 ms  31%    2/2
          canary  8          10%       48    0.4%  13 ms  44 ms  35%    1/1
          alarms of version 7  cpu no data yet (> 70 %), model-errors OK 2 (> 5)
          alarms of version 8  cpu no data yet (> 70 %), model-errors OK 2 (> 5)
          version 8 answered 2 of 480 requests with an error; users saw 0 of them

        The runtime serves at http://127.0.0.1:8080.

        Rollout r2  staging, production: eye-catcher version 8, started by ci 10m44s ago
          production, step 6 of 11: bake for 10m at 10%, 7m16s left
          led by ci@build-7 (pid 4711) since 2026-08-01 12:00 UTC; its lease lasts 22s more unless it is renewed
        """)
  }

  @Test func `a runtime that does not run is the first thing to say`() throws {
    #expect(
      StatusView.text(input(.takenBack(), at: 3_600, address: nil), style: Style(width: 80)) == """
        eye-catcher

        staging     revision 2: eye-catcher version 8,
          live since 2026-08-01 12:00 UTC (r2)

        production  revision 1: eye-catcher version 7,
          live since 2026-08-01 10:01 UTC (r1)

        The runtime is not running: nothing serves. Start it: rollout runtime start

        No rollout is under way. The last one, r2 (staging, production: eye-catcher
          version 8), ended 51m14s ago: rolled back, because alarm model-errors tripped:
          InvocationModelErrors Sum over 5m was 14 (> 5).
        """)
  }

  @Test func `a service without a past says how to begin`() throws {
    #expect(
      StatusView.text(input(EyeCatcher.Story(), at: 0, address: nil), style: Style(width: 80)) == """
        eye-catcher

        staging     nothing was ever deployed

        production  nothing was ever deployed

        The runtime is not running: nothing serves. Start it: rollout runtime start

        No rollout yet. Start with: rollout plan
        """)
  }

  @Test func `a gate says who may decide, until when, and the command`() {
    let text = StatusView.text(input(.atGate(), at: 130, leaseIsLive: false), style: .plain)
    #expect(text.contains("  production, step 2 of 11: waits for approval by release, 0 of 1, 2d23h left\n"))
    #expect(text.contains("  approved by nobody yet; open to release until 2026-08-04 12:01 UTC\n"))
    #expect(text.contains("  type: rollout approve r2\n"))
    #expect(text.contains(" and is gone. Once that is decided, type: rollout apply"))
  }

  @Test func `a rollout whose driver died says how to go on`() {
    let text = StatusView.text(input(.baking(), at: 644, leaseIsLive: false), style: Style(width: 200))
    #expect(
      text.hasSuffix(
        "ci@build-7 (pid 4711) led it since 2026-08-01 12:00 UTC and is gone. The runtime goes on with it in a few "
          + "seconds; so does rollout apply"))
    let alone = StatusView.text(input(.baking(), at: 644, address: nil, leaseIsLive: false), style: .plain)
    #expect(alone.hasSuffix(" and is gone. To go on, type: rollout apply"))
    let silent = StatusView.text(input(.baking(), at: 644, leaseIsLive: false, holderLives: true), style: .plain)
    #expect(silent.contains(" and was not heard of for 30s. "))
  }

  @Test func `a quarantined rollout says what a person can do`() {
    var story = EyeCatcher.Story.baking()
    story.getStuck()
    let text = StatusView.text(input(story, at: 644), style: .plain)
    #expect(text.contains("production: stuck, a person must decide, taking production back failed 5 times"))
    #expect(
      text.contains(
        """
          what a person can do, in this order:
            1. rollout show r2: see why
            2. rollout resume r2: once that is mended: try again to take it back
            3. rollout rollback production: or go over it, to the last good revision
            4. rollout rollback production --to N: or to another one that was live, numbered as `rollout status` numbers it
            5. rollout rollback production --emergency: if users suffer meanwhile: straight at the runtime

        """))
  }

  @Test func `an endpoint that lost what the journal says is live is reported`() {
    let text = StatusView.text(
      input(.takenBack(), ["production": EndpointObservation(fence: 3)], at: 644), style: .plain)
    #expect(text.contains("nothing serves there, although the journal says so: rollout plan"))
  }

  @Test func `a trip and a lapsed share are told apart`() {
    let tripped = EyeCatcher.baking {
      $0.share = .none
      $0.leaseIsLive = false
      $0.trip = GuardTrip(alarm: "cpu", reason: "CPUUtilization was 98 (> 70)", at: EyeCatcher.time(600))
    }
    let lapsed = EyeCatcher.baking {
      $0.share = .none
      $0.leaseIsLive = false
    }
    func text(_ observation: EndpointObservation) -> String {
      StatusView.text(input(.baking(), ["production": observation], at: 644), style: .plain)
    }
    #expect(
      text(tripped).contains(
        "alarm cpu took the canary's traffic away at 12:10:00: CPUUtilization was 98 (> 70)\n"))
    #expect(text(lapsed).contains("nobody kept the canary's share, so it has none until somebody goes on\n"))
    #expect(!text(tripped).contains("nobody kept"))
  }

  @Test func `until when the canary keeps its share is said`() {
    let canary = EyeCatcher.baking { $0.leaseLeft = .seconds(17) }
    let text = StatusView.text(input(.baking(), ["production": canary], at: 644), style: .plain)
    #expect(text.contains("the canary keeps its share for 17s more unless somebody renews it\n"))
  }

  private let emergency = Emergency(
    id: "e1a2b3c4d", environment: "production", endpoint: "production", restored: nil, by: "omar",
    reason: "wrong labels", at: EyeCatcher.time(600))

  @Test func `a sealed endpoint says who sealed it and what breaks the seal`() throws {
    var observation = EyeCatcher.serving()
    observation.seal = emergency
    let sealed = input(.baking(), ["production": observation], at: 644)
    #expect(
      StatusView.text(sealed, style: Style(width: 200)).contains(
        "sealed by the emergency rollback e1a2b3c4d of omar at 2026-08-01 12:10 UTC, because: wrong labels; it obeys "
          + "nobody until the journal knows. The runtime tells it; so does rollout apply"))
    #expect(try StatusView.json(sealed).contains("\"seals\" : [\n    {\n      \"at\""))
  }

  @Test func `what the journal was told of an emergency stays in the document`() throws {
    var story = EyeCatcher.Story.baking()
    story.write(.emergencyReverted(emergency), at: 650, by: "runtime")
    let told = input(story, at: 660)
    #expect(StatusView.text(told, style: .plain).contains("because: emergency rollback by omar: wrong labels"))
    #expect(try StatusView.json(told).contains(#""emergency" : "e1a2b3c4d""#))
  }

  @Test func `an environment that is live and no longer in the pipeline is still shown`() throws {
    let shrunk = input(.takenBack(), ["production": EyeCatcher.serving()], at: 3_600, stages: ["staging"])
    let text = StatusView.text(shrunk, style: .plain)
    #expect(text.contains("production  revision 1: eye-catcher version 7"))
    #expect(text.contains("not in the pipeline's stages any more"))
    #expect(try StatusView.json(shrunk).contains(#""isInPipeline" : false"#))
  }

  @Test func `whoever watches gets one document a line`() throws {
    let line = try StatusView.jsonLine(baking)
    #expect(!line.contains("\n"))
    #expect(line.contains(#""schema":"rollout/status/1""#))
  }

  @Test func `a leader whose process cannot be seen is said to be elsewhere`() throws {
    var seen = baking
    seen.lease = LeaseLook(isLive: true, left: .seconds(22), reach: .renewals)
    #expect(
      StatusView.text(seen, style: Style(width: 200)).contains(
        "led by ci@build-7 (pid 4711) on another host since 2026-08-01 12:00 UTC; its lease lasts 22s more unless"))
    #expect(try StatusView.json(seen).contains(#""isOnThisHost" : false"#))
    seen.lease.reach = .clock
    #expect(StatusView.text(seen, style: Style(width: 200)).contains("(pid 4711) in another container since"))
    seen.lease = LeaseLook(isLive: false, left: .zero, reach: .renewals)
    #expect(StatusView.text(seen, style: Style(width: 200)).contains(" and was not heard of for 30s. "))
  }

  @Test func `the document says who leads, from where, and for how long`() throws {
    let json = try StatusView.json(baking)
    for line in [
      #""host" : "build-7""#, #""pid" : 4711"#, #""expiresInSeconds" : 22"#, #""holderLives" : true"#,
      #""isOnThisHost" : true"#,
    ] { #expect(json.contains(line), "\(line)") }
    let gate = try StatusView.json(input(.atGate(), at: 130, leaseIsLive: false))
    #expect(gate.contains("\"approversLeft\" : [\n        \"release\"\n      ]"), "\(gate)")
  }

  @Test func `the document carries exact values for scripts`() throws {
    let json = try StatusView.json(baking)
    for line in [
      #""schema" : "rollout/status/1""#, #""state" : "baking""#, #""sharePercent" : 10"#, #""bakedSeconds" : 164"#,
      #""state" : "INSUFFICIENT_DATA""#, #""errorRate" : 0.004"#, #""since" : "2026-08-01T10:01:40.000Z""#,
    ] { #expect(json.contains(line), "\(line)") }
    #expect(!json.contains("/registry"), "where files lie on this machine is nobody's business")
  }
}
