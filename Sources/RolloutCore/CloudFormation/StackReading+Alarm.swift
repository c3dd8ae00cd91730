extension StackReading {
  /// `AWS::CloudWatch::Alarm`.
  package struct Alarm: Hashable, Sendable {
    package var resource: Resource
    /// Symbolic when CloudFormation makes the name up.
    package var name: Stated<String>
    package var measure: Measure
    /// M of N; M is N when only N is given.
    package var datapoints: Stated<Int>?
    package var periods: Stated<Int>?
    package var threshold: Stated<Double>?
    /// `GreaterThanThreshold`, …
    package var comparison: Stated<String>?
    package var missingData: Stated<String>?

    package init(
      resource: Resource, name: Stated<String>, measure: Measure, datapoints: Stated<Int>?, periods: Stated<Int>?,
      threshold: Stated<Double>?, comparison: Stated<String>?, missingData: Stated<String>?
    ) {
      self.resource = resource
      self.name = name
      self.measure = measure
      self.datapoints = datapoints
      self.periods = periods
      self.threshold = threshold
      self.comparison = comparison
      self.missingData = missingData
    }

    /// Everything that it reads.
    package var metrics: [Metric] {
      switch measure {
      case .metric(let metric): [metric]
      case .math(let queries): queries.compactMap(\.metric)
      }
    }

    /// Of one datapoint, in seconds.
    package var period: Stated<Int>? { metrics.lazy.compactMap(\.period).first }

    /// Seconds for which the condition must last, as far as they are known.
    package var windowSeconds: Int? {
      guard let period = period?.value, let periods = periods?.value, period > 0, periods > 0 else { return nil }
      let (window, overflow) = period.multipliedReportingOverflow(by: periods)
      return overflow ? nil : window
    }

    /// What people put on the abort metric to end a deployment.
    package var isAbort: Bool {
      metrics.contains { $0.namespace?.value == "Rollout" && $0.name?.value == "Abort" }
    }
  }

  package enum Measure: Hashable, Sendable {
    case metric(Metric)
    case math([Query])
  }

  package struct Metric: Hashable, Sendable {
    package var path: [LintPlace.Step]
    package var namespace: Stated<String>?
    package var name: Stated<String>?
    package var dimensions: [Dimension]
    /// `Sum`, `Average`, `p99`.
    package var statistic: Stated<String>?
    /// In seconds.
    package var period: Stated<Int>?

    package init(
      path: [LintPlace.Step], namespace: Stated<String>?, name: Stated<String>?, dimensions: [Dimension],
      statistic: Stated<String>?, period: Stated<Int>?
    ) {
      self.path = path
      self.namespace = namespace
      self.name = name
      self.dimensions = dimensions
      self.statistic = statistic
      self.period = period
    }

    package func dimension(_ name: String) -> Stated<String>? {
      dimensions.first { $0.name?.value == name }?.value
    }
  }

  package struct Dimension: Hashable, Sendable {
    package var name: Stated<String>?
    package var value: Stated<String>?

    package init(name: Stated<String>?, value: Stated<String>?) {
      self.name = name
      self.value = value
    }
  }

  /// One line of metric math.
  package struct Query: Hashable, Sendable {
    package var path: [LintPlace.Step]
    package var id: Stated<String>?
    package var expression: Stated<String>?
    package var metric: Metric?
    /// Whether this is what the alarm compares.
    package var returnsData: Bool

    package init(
      path: [LintPlace.Step], id: Stated<String>?, expression: Stated<String>?, metric: Metric?, returnsData: Bool
    ) {
      self.path = path
      self.id = id
      self.expression = expression
      self.metric = metric
      self.returnsData = returnsData
    }
  }
}
