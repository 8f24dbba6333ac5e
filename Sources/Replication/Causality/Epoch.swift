/// One life of a hub's sequence: 128 random bits.
///
/// A hub takes a new epoch when it is created, restored from a backup or failed over. Sequences of
/// two epochs do not compare.
public struct Epoch: Hashable, Sendable, LosslessStringConvertible {
    /// The first 64 bits.
    public let high: UInt64
    /// The last 64 bits.
    public let low: UInt64

    /// Makes an epoch of known bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Mints an epoch from an injected generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> Epoch {
        Epoch(
            high: .random(in: 1...UInt64.max, using: &generator),
            low: .random(in: 0...UInt64.max, using: &generator)
        )
    }

    /// Thirty-two lower-case hexadecimal digits.
    public var description: String {
        [high, low]
            .map {
                let digits = String($0, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
            .joined()
    }

    /// Reads exactly thirty-two hexadecimal digits.
    public init?(_ description: String) {
        guard description.utf8.count == 32, let high = UInt64(description.prefix(16), radix: 16),
            let low = UInt64(description.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
