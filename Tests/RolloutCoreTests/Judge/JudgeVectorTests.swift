import RolloutCore
import Testing

@Suite(.needsVectors) struct JudgeVectorTests {
  @Test func `relative evidence is that of the reference`() throws {
    let file = try Vectors("rel_trace")
    var evidence = RelativeEvidence(schedule: .once)
    var differences = Differences()
    for row in file.rows {
      if file.text(row, "step") == "0" {
        evidence = RelativeEvidence(
          nullRatio: try #require(file.number(row, "rho0")),
          schedule: .restarting(plannedEpochs: file.count(row, "planned_epochs")))
      }
      if let weight = file.number(row, "w") {
        evidence.observe(errorOf: file.text(row, "arm") == "C" ? .canary : .stable, canaryProbability: weight)
      } else {
        evidence.advance(to: evidence.epoch + 1)
      }
      if let reference = file.number(row, "ln_E_rel") { differences.add(evidence.logarithm, reference, "\(row)") }
    }
    differences.expect(atLeast: 700)
  }

  @Test func `evidence on one sample is that of the reference`() throws {
    let file = try Vectors("onesample_gates")
    var rate = RateEvidence(ceiling: 0.5, grid: .tolerance, schedule: .once)
    var safety = SafetyEvidence(ceiling: 0.5)
    var epoch = 0
    var differences = Differences()
    for row in file.rows {
      let gate = file.text(row, "gate")
      if file.text(row, "step") == "0" {
        let null = try #require(file.number(row, "null"))
        let schedule = EvidenceMixture.Schedule.restarting(plannedEpochs: file.count(row, "planned_epochs"))
        rate =
          gate == "abs"
          ? RateEvidence(ceiling: null, grid: .tolerance, schedule: schedule)
          : RateEvidence(ceiling: null, grid: .baseline, schedule: .once)
        safety = SafetyEvidence(ceiling: null)
        epoch = 0
      }
      if file.text(row, "op") == "epoch" {
        epoch += 1
        rate.advance(to: epoch)
      } else {
        rate.observeMisses(file.count(row, "n_success"))
        for _ in 0..<file.count(row, "n_event") { rate.observeHit() }
        safety.observe(bad: file.count(row, "n_event"), good: file.count(row, "n_success"))
      }
      let reference = try #require(file.number(row, "ln_E"))
      differences.add(gate == "safe" ? safety.logarithm : rate.logarithm, reference, "\(row)")
    }
    differences.expect(atLeast: 46)
  }

  @Test func `evidence on two outcomes is that of the reference`() throws {
    let file = try Vectors("two_outcome")
    var evidence = ExcessEvidence(share: 0.5, schedule: .once)
    var epoch = 0
    var differences = Differences()
    for row in file.rows {
      if file.text(row, "step") == "0" {
        evidence = ExcessEvidence(
          share: try #require(file.number(row, "q0")),
          schedule: .restarting(plannedEpochs: file.count(row, "planned_epochs")))
        epoch = 0
      }
      if let weight = file.number(row, "w") {
        evidence.observe(
          .canary, above: file.count(row, "event_canary"), below: file.count(row, "nonevent_canary"),
          canaryProbability: weight)
        evidence.observe(
          .stable, above: file.count(row, "event_stable"), below: file.count(row, "nonevent_stable"),
          canaryProbability: weight)
      } else {
        epoch += 1
        evidence.advance(to: epoch)
      }
      differences.add(evidence.logarithm, try #require(file.number(row, "ln_E")), "\(row)")
    }
    differences.expect(atLeast: 25)
  }

  @Test func `evidence on labels is that of the reference`() throws {
    let file = try Vectors("labels_prequential")
    var evidence = LabelEvidence(classes: 2)
    var differences = Differences()
    for row in file.rows {
      if file.text(row, "step") == "0" { evidence = LabelEvidence(classes: file.count(row, "classes")) }
      evidence.observe(
        file.text(row, "arm") == "C" ? .canary : .stable, label: file.count(row, "label"),
        canaryProbability: try #require(file.number(row, "w")))
      if let reference = file.number(row, "ln_E") { differences.add(evidence.logarithm, reference, "\(row)") }
    }
    differences.expect(atLeast: 100)
  }

  @Test func `decisions are those of the reference, from end to end`() throws {
    let file = try Vectors("decision_trace")
    var judge = Judge(JudgePolicy())
    var minutes = 0.0
    var differences = Differences()
    for row in file.rows {
      if file.text(row, "step") == "0" {
        judge = Judge(
          JudgePolicy(
            tolerance: try #require(file.number(row, "tolerance")),
            plannedSeconds: 60 * Double(file.count(row, "planned_epochs"))))
        minutes = 0
      }
      if let weight = file.number(row, "w") {
        for _ in 0..<file.count(row, "canary_successes_since_prev") {
          judge.observe(JudgedRequest(.canary, canaryProbability: weight))
        }
        judge.observe(
          JudgedRequest(
            file.text(row, "arm") == "C" ? .canary : .stable, canaryProbability: weight, isBad: true))
      } else {
        minutes += 1
        judge.advance(toSecond: 60 * minutes)
      }
      let evidence = judge.rollback
      differences.add(evidence.relative.logarithm, try #require(file.number(row, "ln_E_rel")), "\(row)")
      differences.add(evidence.absolute.logarithm, try #require(file.number(row, "ln_E_abs")), "\(row)")
      differences.add(Natural.log(evidence.total), Natural.log(try #require(file.number(row, "E_tot"))), "\(row)")
      #expect(evidence.isGateOpen == (file.text(row, "gate_open") == "1"), "\(row)")
      #expect((evidence.cause != nil) == (file.text(row, "decision") == "ROLLBACK"), "\(row)")
    }
    differences.expect(atLeast: 960)
  }

  @Test func `the baseline is that of the reference`() throws {
    let file = try Vectors("frozen_upper")
    var differences = Differences()
    for row in file.rows {
      let baseline = StableBaseline(
        bad: file.count(row, "stable_events"), requests: file.count(row, "stable_requests"))
      let rate = baseline.upperRate(risk: try #require(file.number(row, "delta")))
      differences.add(rate / (try #require(file.number(row, "u"))), 1, "\(row)")
    }
    differences.expect(atLeast: 6)
  }

  @Test func `the interval of the ratio is that of the reference`() throws {
    let file = try Vectors("ratio_confseq")
    var differences = Differences()
    for row in file.rows {
      var ratio = RatioConfidence()
      var canary = file.count(row, "canary_events")
      for stage in file.text(row, "stage_weight:total_events").split(separator: ";") {
        let parts = stage.split(separator: ":")
        let weight = try #require(Double(parts[0]))
        let total = try #require(Int(parts[1]))
        let ofCanary = min(canary, total)
        canary -= ofCanary
        ratio.observe(errorsOf: .canary, count: ofCanary, canaryProbability: weight)
        ratio.observe(errorsOf: .stable, count: total - ofCanary, canaryProbability: weight)
      }
      let interval = ratio.interval(risk: try #require(file.number(row, "beta")))
      let lower = try #require(file.number(row, "rho_lower(0=unbounded)"))
      differences.add(interval.lowerBound, lower, "\(row)")
      let upper = try #require(file.number(row, "rho_upper(inf=unbounded)"))
      differences.add(interval.upperBound, upper, "\(row)")
    }
    differences.expect(atLeast: 14)
  }

  @Test func `what is possible is that of the reference`() throws {
    let file = try Vectors("info_bounds")
    var differences = Differences()
    for row in file.rows {
      let bound = InformationBound(
        stableRate: try #require(file.number(row, "p0")), canaryRate: try #require(file.number(row, "p1")),
        canaryProbability: try #require(file.number(row, "w")))
      let requests = try #require(file.number(row, "bound_req_concurrent_alpha01"))
      differences.add(bound.canaryRequests(falseRollback: 0.01) / requests, 1, "\(row)")
      for (value, column) in [
        (bound.oracle, "nats_per_canary_req_oracle"), (bound.concurrent, "nats_concurrent"),
        (bound.errorsOnly, "nats_errors_only_coin"),
      ] as [(Double, Substring)] {
        differences.add(value / (try #require(file.number(row, column))), 1, "\(column) \(row)")
      }
    }
    differences.expect(atLeast: 280)
  }

  @Test func `what a regression costs is that of the reference`() throws {
    let file = try Vectors("planner_exact")
    var differences = Differences()
    for row in file.rows {
      let regression = InformationBound(
        stableRate: try #require(file.number(row, "p0")), canaryRate: try #require(file.number(row, "p1")),
        canaryProbability: try #require(file.number(row, "w")))
      let forecast = DetectionForecast(
        regression, risk: try #require(file.number(row, "alpha_effective=alpha*v*gamma0")),
        errorsMax: file.count(row, "max_total_errors"))
      for (value, column) in [
        (forecast.probability, "P_stop"), (forecast.canaryErrors, "E_canary_errors_given_stop"),
        (forecast.errors, "E_total_errors_given_stop"), (forecast.canaryRequests, "E_canary_requests~"),
      ] as [(Double, Substring)] {
        differences.add(value, try #require(file.number(row, column)), "\(column) \(row)")
      }
    }
    differences.expect(atLeast: 24)
  }

  /// The judge's hard guards. Minutes with a sum have requests, those without have none. The reference simplifies how
  /// missing data stays missing; `AlarmEvaluationTests` hold that against CloudWatch's own tables.
  @Test func `alarms are those of the reference`() throws {
    let file = try Vectors("cw_alarm_semantics")
    var metrics = FleetMetrics()
    var alarm: AlarmState?
    var name: Substring = ""
    for row in file.rows where file.text(row, "treat_missing") != "missing" {
      if file.text(row, "case") != name {
        name = file.text(row, "case")
        metrics = FleetMetrics()
        alarm = AlarmState(
          AlarmRule(
            name: String(name), metric: .modelErrors, statistic: .sum,
            period: .minutes(Int64(file.count(row, "period_min"))),
            datapointsToAlarm: file.count(row, "datapoints_to_alarm"),
            evaluationPeriods: file.count(row, "evaluation_periods"),
            threshold: Comparison(.greater, try #require(file.number(row, "threshold_gt"))),
            missingData: try #require(AlarmRule.MissingData(rawValue: String(file.text(row, "treat_missing"))))))
      }
      let end = Int64(file.count(row, "minute")) * 60
      if let sum = file.number(row, "sum_in_minute") {
        metrics.record(request(), at: end - 30)
        for _ in 0..<Int(sum) { metrics.record(request(.serverError, status: 500), at: end - 30) }
      }
      alarm?.evaluate(metrics, since: 0, at: end - 1)
      let words: [AlarmReading.State: Substring] = [
        .ok: "OK", .alarm: "ALARM", .insufficientData: "INSUFFICIENT_DATA",
      ]
      #expect(alarm.flatMap { words[$0.state] } == file.text(row, "state"), "\(row)")
    }
  }
}
