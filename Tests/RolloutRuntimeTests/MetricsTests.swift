import RolloutCore
import RolloutHTTP
import Testing

@testable import RolloutRuntime

struct MetricsTests {
  @Test func `a request that no server took is on the metrics page`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      // A canary without a share leaves nobody to answer.
      try await fixture.prepareAndShift(.fixture(1), to: .none, fence: 1)
      #expect(try await fixture.invoke(times: 2).statuses == [503: 2])
      _ = try await fixture.eventually("both refusals on the page") {
        let page = try await fixture.http.send(HTTPRequest(url: "\(fixture.runtime.address)/metrics")).text
        return page.contains("rollout_refused_requests_total{endpoint=\"eye\"} 2\n") ? true : nil
      }
    }
  }

  @Test func `the metrics page counts real requests and names CloudWatch's metrics`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let alarm = AlarmRule(
        name: "model-errors", metric: .modelErrors, statistic: .sum, period: .minutes(5),
        threshold: Comparison(.greater, 5), missingData: .notBreaching)
      let revision = try Revision.fixture(1, alarms: [alarm])
      try await fixture.serve(revision)
      _ = try await fixture.invoke(times: 7)
      let labels = "endpoint=\"eye\",variant=\"stable\",revision=\"\(revision.digest.short)\",version=\"1\""
      let page = try await fixture.eventually("seven requests on the page") {
        let page = try await fixture.http.send(HTTPRequest(url: "\(fixture.runtime.address)/metrics")).text
        return page.contains("rollout_requests_total{\(labels),class=\"2xx\"} 7\n") && page.contains("\"OK\"} 1")
          ? page : nil
      }
      let lines = Set(page.split(separator: "\n").map(String.init))
      for line in [
        "# HELP rollout_requests_total Requests by how the model answered. CloudWatch: Invocations.",
        "# TYPE rollout_requests_total counter",
        "rollout_model_errors_total{\(labels)} 0",
        "rollout_instances_ready{\(labels)} 1",
        "rollout_model_latency_seconds_count{\(labels)} 7",
        "rollout_alarm_state{\(labels),alarm=\"model-errors\",state=\"OK\"} 1",
      ] {
        let isThere = lines.contains(line)
        #expect(isThere, "\(line)")
      }

      let reports = try await fixture.target.metrics(of: RuntimeFixture.endpoint)
      #expect(reports.map(\.role) == [.stable])
      #expect(reports.first?.lastMinute.first { $0.metric == .invocations }?.sum == 7)
      #expect(try await fixture.target.metrics(of: "other") == [])
    }
  }
}
