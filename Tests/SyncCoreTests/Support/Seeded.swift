import Synchronization

/// Steele's SplitMix64 of 2014: the same numbers for the same seed, in every process.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func chance(_ one: Int, in many: Int) -> Bool { below(many) < one }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}

/// A seeded source that threads can share, for a replica's environment.
final class SeededSource: Sendable {
    private let state: Mutex<Seeded>

    init(seed: UInt64) { state = Mutex(Seeded(seed)) }

    func next() -> UInt64 { state.withLock { $0.next() } }
}

/// A clock that only tests turn.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_785_744_000_000)

    var now: Int64 { time.withLock { $0 } }

    func advance(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
