/// Natural logarithm and exponential, for a module that imports no mathematics library.
///
/// Both are within 1 unit in the last place of the true value; tests hold them against the platform's. Argument
/// reduction and polynomials are those of fdlibm's `e_log.c` and `e_exp.c` (Sun Microsystems, 1993, freely
/// distributable), in the arrangement without branches that musl uses.
package enum Natural {
  // ln 2 in two parts: the high one has 21 zero bits at its end, so that its product with an exponent is exact.
  private static let ln2High = 6.931_471_803_691_238_164_90e-01
  private static let ln2Low = 1.908_214_929_270_587_700_02e-10

  /// ln `x`; minus infinity for 0, NaN below.
  package static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
    // x = 2^exponent · (1 + f) with 1 + f between √½ and √2.
    let isUpperHalf = x.significand > 1.414_213_562_373_095_1
    let f = (isUpperHalf ? x.significand / 2 : x.significand) - 1
    let exponent = Double(isUpperHalf ? x.exponent + 1 : x.exponent)
    let halfSquare = 0.5 * f * f
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even =
      w
      * (3.999_999_999_940_941_908e-01 + w * (2.222_219_843_214_978_396e-01 + w * 1.531_383_769_920_937_332e-01))
    let odd =
      z
      * (6.666_666_666_666_735_130e-01
        + w
        * (2.857_142_874_366_239_149e-01 + w * (1.818_357_216_161_805_012e-01 + w * 1.479_819_860_511_658_591e-01)))
    return s * (halfSquare + (even + odd)) + exponent * ln2Low - halfSquare + f + exponent * ln2High
  }

  /// ln(1 + `x`), accurate for the smallest `x` too (Kahan's correction of the rounded sum).
  package static func log1p(_ x: Double) -> Double {
    let sum = 1 + x
    return sum == 1 || !sum.isFinite ? x : log(sum) * (x / (sum - 1))
  }

  /// e to the power of `x`.
  package static func exp(_ x: Double) -> Double {
    guard !x.isNaN else { return x }
    if x > 709.782_712_893_383_973_096 { return .infinity }
    if x < -745.133_219_101_941_108_42 { return 0 }
    // x = k·ln 2 + r with |r| at most ½·ln 2; r = high − low, exactly.
    let k = (x * 1.442_695_040_888_963_387_00).rounded()
    let high = x - k * ln2High
    let low = k * ln2Low
    let r = high - low
    let square = r * r
    let c =
      r - square
      * (1.666_666_666_666_660_190_37e-01
        + square
        * (-2.777_777_777_701_559_338_42e-03
          + square
          * (6.613_756_321_437_934_361_17e-05
            + square * (-1.653_390_220_546_525_153_90e-06 + square * 4.138_136_797_057_238_460_39e-08))))
    let y = 1 + (r * c / (2 - c) - low + high)
    return Double(sign: .plus, exponent: Int(k), significand: y)
  }

  /// `base` to the power of `exponent`, for a positive base: exact to 1 ulp only where the product of the exponent and
  /// ln `base` is small, as it is for evidence that is tempered.
  package static func power(_ base: Double, _ exponent: Double) -> Double {
    exponent == 1 ? base : exp(exponent * log(base))
  }
}
