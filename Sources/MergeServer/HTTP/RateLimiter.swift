import Synchronization

/// A token bucket for each address: a flood from one does not starve the others.
///
/// Memory is bounded: beyond `addressesMax` addresses all buckets are forgotten, which lets everyone
/// burst once.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var updatedAt: Int64
    }

    private let buckets = Mutex<[String: Bucket]>([:])
    private let perSecond: Double
    private let burst: Double
    private let addressesMax = 10_000

    init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// Takes a token, or says how many milliseconds to wait for one.
    func admit(_ address: String, at now: Int64) -> Int64? {
        guard perSecond > 0 else { return nil }
        return buckets.withLock { buckets in
            if buckets.count >= addressesMax { buckets = [:] }
            var bucket = buckets[address] ?? Bucket(tokens: burst, updatedAt: now)
            let elapsed = Double(max(0, now - bucket.updatedAt)) / 1_000
            bucket.tokens = min(burst, bucket.tokens + elapsed * perSecond)
            bucket.updatedAt = now
            guard bucket.tokens >= 1 else {
                buckets[address] = bucket
                return Int64((1 - bucket.tokens) / perSecond * 1_000) + 1
            }
            bucket.tokens -= 1
            buckets[address] = bucket
            return nil
        }
    }
}
