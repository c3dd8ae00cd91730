/// Samples of one quantity: count, sum and extremes exactly, percentiles within 1 %.
///
/// The histogram is log-linear, as HdrHistogram's: each power of two is cut into 64 equal buckets, so a bucket's middle
/// is at most 1/128 (0.8 %) from any value in it. The bucket of a value is simply the exponent and the first six bits
/// of the fraction of its `Double`. Only buckets in use are kept, sorted.
package struct Distribution: Hashable, Sendable {
  private struct Bucket: Hashable, Sendable {
    var key: UInt32
    var count: UInt32
  }

  private static let fractionBits: UInt64 = 6
  private static let keyShift = UInt64(Double.significandBitCount) - fractionBits

  package private(set) var count = 0
  package private(set) var sum = 0.0
  package private(set) var minimum = Double.infinity
  package private(set) var maximum = -Double.infinity
  private var buckets: [Bucket] = []

  package init() {}

  package var average: Double? { count == 0 ? nil : sum / Double(count) }

  /// Negative values and NaN cannot be measured and count as 0.
  package mutating func record(_ value: Double, times: UInt32 = 1) {
    let value = value > 0 && value.isFinite ? value : 0
    count += Int(times)
    sum += value * Double(times)
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    add(times, to: UInt32(value.bitPattern >> Self.keyShift))
  }

  package mutating func merge(_ other: Distribution) {
    guard other.count > 0 else { return }
    count += other.count
    sum += other.sum
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    for bucket in other.buckets { add(bucket.count, to: bucket.key) }
  }

  /// Nearest rank: the smallest value that at least `rank` percent of the samples do not exceed.
  package func percentile(_ rank: Double) -> Double? {
    guard count > 0 else { return nil }
    var left = max(1, Int((rank / 100 * Double(count)).rounded(.up)))
    for bucket in buckets {
      left -= Int(bucket.count)
      if left <= 0 { return min(max(Self.middle(of: bucket.key), minimum), maximum) }
    }
    return maximum
  }

  private mutating func add(_ times: UInt32, to key: UInt32) {
    var low = 0
    var high = buckets.count
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle].key < key { low = middle + 1 } else { high = middle }
    }
    if low < buckets.count, buckets[low].key == key {
      buckets[low].count += times
    } else {
      buckets.insert(Bucket(key: key, count: times), at: low)
    }
  }

  private static func middle(of key: UInt32) -> Double {
    let low = Double(bitPattern: UInt64(key) << keyShift)
    let high = Double(bitPattern: UInt64(key + 1) << keyShift)
    return low == 0 ? 0 : (low + high) / 2
  }
}
