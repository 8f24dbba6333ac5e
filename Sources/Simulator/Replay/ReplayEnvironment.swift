import SyncCore
import Synchronization

/// The true time of a replay: it stands still until an event moves it.
final class VirtualClock: Sendable {
    private let time = Mutex<Int64>(0)

    var now: Int64 { time.withLock { $0 } }

    func set(_ milliseconds: Int64) { time.withLock { $0 = milliseconds } }
}

/// A stream of random bits that a seed and a name decide.
///
/// SplitMix64 (Steele, Lea and Flood 2014): every device and the hub have one of their own, so that
/// what one draws does not shift what another does.
final class RandomStream: Sendable {
    private let state: Mutex<UInt64>

    init(seed: UInt64, name: String) {
        state = Mutex(RandomStream.mixed(seed &+ StableHash.of(name.utf8)))
    }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            return RandomStream.mixed(state)
        }
    }

    /// A number below `bound`, which is at least 1.
    func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every run, unlike `Hasher`.
struct StableHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash = StableHash()
        hash.add(bytes)
        return hash.value
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
