/// Evidence that the canary answers with other labels than stable, in whatever way.
///
/// Before every request both versions' labels are predicted from those seen so far: Dirichlet(½) estimates, the
/// canary's drawn towards stable's by n/(n + 50) after n canary requests. With p₁ and p₀ the predictions for the label
/// that came, the request multiplies the evidence by p₁/p̄ (canary) or p₀/p̄ (stable), p̄ = w·p₁ + (1 − w)·p₀: if the label
/// does not depend on the version, the expectation is 1 however labels shift for both.
package struct LabelEvidence: Hashable, Codable, Sendable {
  package static let classesMax = 1_000

  private var stable: LabelCounts
  private var canary: LabelCounts
  private var product = ScaledProduct()

  /// - Parameter classes: how many labels there are.
  package init(classes: Int) {
    precondition((2...Self.classesMax).contains(classes), "labels are compared where there are some")
    stable = LabelCounts(classes: classes)
    canary = stable
  }

  package var value: Double { product.value }
  package var logarithm: Double { product.logarithm }

  /// A request that was sent to the canary with this probability, between 0 and 1, was answered with a label. One that
  /// is not among the classes counts for nothing: what it means is not known.
  package mutating func observe(_ arm: Arm, label: Int, canaryProbability: Double) {
    guard (0..<stable.classes).contains(label) else { return }
    let predictedStable = stable.prediction(of: label)
    let trust = canary.total / (canary.total + 50)
    let predictedCanary = trust * canary.prediction(of: label) + (1 - trust) * predictedStable
    let mean = canaryProbability * predictedCanary + (1 - canaryProbability) * predictedStable
    switch arm {
    case .stable:
      product.multiply(by: predictedStable / mean)
      stable.count(label)
    case .canary:
      product.multiply(by: predictedCanary / mean)
      canary.count(label)
    }
  }
}

/// How often each label came.
private struct LabelCounts: Hashable, Codable, Sendable {
  private var counts: [Double]
  private(set) var total = 0.0

  init(classes: Int) { counts = Array(repeating: 0, count: classes) }

  var classes: Int { counts.count }

  func prediction(of label: Int) -> Double { (counts[label] + 0.5) / (total + 0.5 * Double(counts.count)) }

  mutating func count(_ label: Int) {
    counts[label] += 1
    total += 1
  }
}

/// A product of many factors that leaves the range of a `Double` on its way.
private struct ScaledProduct: Hashable, Codable, Sendable {
  /// The product is `fraction` · 2^`exponent`.
  private var fraction = 1.0
  private var exponent = 0

  mutating func multiply(by factor: Double) {
    fraction *= factor
    if fraction < 0x1p-256 || fraction > 0x1p256 {
      exponent += Int(fraction.exponent)
      fraction = fraction.significand
    }
  }

  /// At most 2⁸³⁰, about 10²⁵⁰: whoever adds evidence up gets a number.
  var value: Double {
    let power = exponent + Int(fraction.exponent)
    if power >= 830 { return 0x1p830 }
    return power < -1_000 ? 0 : Double(sign: .plus, exponent: exponent, significand: fraction)
  }

  var logarithm: Double { Natural.log(fraction) + Double(exponent) * Natural.log(2) }
}
