import RolloutCore

/// Measurements in the Prometheus text format, version 0.0.4. HELP names CloudWatch's metric where there is one.
struct PrometheusText {
  private(set) var text = ""

  init(_ snapshot: MetricsSnapshot, outstanding: (Backend.ID) -> Int) {
    let fleets = snapshot.fleets.map { (fleet: $0, labels: Self.labels(of: $0)) }
    writeRequests(fleets)
    family("rollout_refused_requests_total", "counter", "Requests answered 503: no server ready, or all of them busy.")
    for refused in snapshot.refusals {
      sample(
        "rollout_refused_requests_total", "endpoint=\"\(Self.escaped(refused.endpoint))\"", Double(refused.count))
    }
    writeLatency(fleets)
    family("rollout_requests_in_flight", "gauge", "Requests under way.")
    for (fleet, labels) in fleets {
      sample("rollout_requests_in_flight", labels, Double(fleet.backends.reduce(0) { $0 + outstanding($1) }))
    }
    writeInstances(fleets)
    writeCanaries(snapshot.canaries)
  }

  private typealias Labelled = (fleet: MetricsSnapshot.Fleet, labels: String)

  private mutating func writeRequests(_ fleets: [Labelled]) {
    family("rollout_requests_total", "counter", "Requests by how the model answered. CloudWatch: Invocations.")
    for (fleet, labels) in fleets {
      for (name, count) in zip(RequestCounters.classes, fleet.counters.byClass) {
        sample("rollout_requests_total", labels + ",class=\"\(name)\"", Double(count))
      }
    }
    counter(
      "rollout_model_errors_total", "Requests the model failed, whoever saw it. CloudWatch: InvocationModelErrors.",
      fleets
    ) { $0.counters.errors }
    counter("rollout_user_errors_total", "Failures that reached a user.", fleets) { $0.counters.userErrors }
    counter(
      "rollout_shielded_total", "Requests that the canary failed and stable answered.", fleets
    ) { $0.counters.shielded }
    gauge(
      "rollout_invocations_per_instance", "Of the last minute. CloudWatch: InvocationsPerInstance.", fleets
    ) { $0.perInstance }
  }

  private mutating func writeLatency(_ fleets: [Labelled]) {
    family("rollout_model_latency_seconds", "histogram", "Time the model took. CloudWatch: ModelLatency.")
    for (fleet, labels) in fleets {
      var total: Int64 = 0
      for (bound, count) in zip(RequestCounters.bounds.map(shortNumber) + ["+Inf"], fleet.counters.latencies) {
        total += count
        sample("rollout_model_latency_seconds_bucket", labels + ",le=\"\(bound)\"", Double(total))
      }
      sample("rollout_model_latency_seconds_sum", labels, fleet.counters.latencySeconds)
      sample("rollout_model_latency_seconds_count", labels, Double(total))
    }
    family(
      "rollout_model_latency_last_minute_seconds", "gauge", "Percentiles of the last minute. CloudWatch: ModelLatency.")
    for (fleet, labels) in fleets {
      for (quantile, value) in fleet.latencySeconds {
        sample("rollout_model_latency_last_minute_seconds", labels + ",quantile=\"\(quantile)\"", value)
      }
    }
  }

  private mutating func writeInstances(_ fleets: [Labelled]) {
    gauge("rollout_instances_desired", "Model servers there should be.", fleets) { Double($0.desired) }
    gauge("rollout_instances_ready", "Model servers that answer health checks.", fleets) { Double($0.ready) }
    gauge(
      "rollout_cpu_percent", "100 is all cores an instance is meant to use. CloudWatch: CPUUtilization.", fleets
    ) { $0.cpuPercent }
    gauge("rollout_memory_percent", "Of the machine's memory. CloudWatch: MemoryUtilization.", fleets) {
      $0.memoryPercent
    }
    family("rollout_alarm_state", "gauge", "1 for the state the alarm is in.")
    for (fleet, labels) in fleets {
      for alarm in fleet.alarms {
        for state in [AlarmReading.State.ok, .alarm, .insufficientData] {
          let name = "alarm=\"\(Self.escaped(alarm.name))\",state=\"\(state.rawValue)\""
          sample("rollout_alarm_state", "\(labels),\(name)", alarm.state == state ? 1 : 0)
        }
      }
    }
  }

  private mutating func writeCanaries(_ canaries: [MetricsSnapshot.Canary]) {
    let facts: [(name: String, help: String, value: (MetricsSnapshot.Canary) -> Double)] = [
      ("rollout_canary_share", "Share of the traffic that the canary has now, 0 to 1.", { $0.share.fraction }),
      ("rollout_canary_lease_live", "1 while somebody keeps the canary's share.", { $0.leaseIsLive ? 1 : 0 }),
      ("rollout_canary_tripped", "1 after a guard took the canary's traffic away.", { $0.isTripped ? 1 : 0 }),
    ]
    for fact in facts {
      family(fact.name, "gauge", fact.help)
      for canary in canaries {
        sample(fact.name, "endpoint=\"\(Self.escaped(canary.endpoint))\"", fact.value(canary))
      }
    }
  }

  // MARK: - Lines

  private mutating func counter(
    _ name: String, _ help: String, _ fleets: [Labelled], _ value: (MetricsSnapshot.Fleet) -> Int64
  ) {
    family(name, "counter", help)
    for (fleet, labels) in fleets { sample(name, labels, Double(value(fleet))) }
  }

  private mutating func gauge(
    _ name: String, _ help: String, _ fleets: [Labelled], _ value: (MetricsSnapshot.Fleet) -> Double?
  ) {
    family(name, "gauge", help)
    for (fleet, labels) in fleets {
      if let value = value(fleet) { sample(name, labels, value) }
    }
  }

  private mutating func family(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private mutating func sample(_ name: String, _ labels: String, _ value: Double) {
    text += "\(name){\(labels)} \(shortNumber(value))\n"
  }

  private static func labels(of fleet: MetricsSnapshot.Fleet) -> String {
    "endpoint=\"\(escaped(fleet.endpoint))\",variant=\"\(fleet.role.rawValue)\","
      + "revision=\"\(fleet.revision.short)\",version=\"\(fleet.version)\""
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
  }
}
