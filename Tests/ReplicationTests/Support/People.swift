public import Replication

/// The replicas of the tests are people.
enum People {
    static let alice = ReplicaID(0xA11C_E000_0000_0001)
    static let bob = ReplicaID(0xB0B0_0000_0000_0002)
    static let carol = ReplicaID(0xCA20_1000_0000_0003)
    static let dave = ReplicaID(0xDA5E_0000_0000_0004)
    static let four = [alice, bob, carol, dave]

    /// As many replicas as asked for; the first four are alice to dave.
    static func crowd(_ count: Int) -> [ReplicaID] {
        (0..<count).map { $0 < 4 ? four[$0] : ReplicaID(0x0F00 &+ UInt64($0) &* 0x9E37_79B9_7F4A) }
    }
}

/// Sebastiano Vigna's splitmix64: small, fast, the same everywhere.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Whether something with this chance in a hundred happens.
    mutating func chance(_ percent: Int) -> Bool {
        Int(next() % 100) < percent
    }

    /// A number below `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }
}

extension VersionVector: ExpressibleByDictionaryLiteral {
    /// Makes a vector of replicas and counters.
    public init(dictionaryLiteral elements: (ReplicaID, UInt64)...) {
        self.init()
        for (replica, counter) in elements { self[replica] = counter }
    }
}

extension VersionVector {
    /// Makes a vector of a plain table.
    init(_ table: [ReplicaID: UInt64]) {
        self.init()
        for (replica, counter) in table { self[replica] = counter }
    }
}
