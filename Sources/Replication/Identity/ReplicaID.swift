/// The identity of one store that writes changes, for ever.
///
/// 64 random bits, minted anew at install, at a restore from a backup and whenever a clone is
/// suspected. An id is never reused: two stores that write under one id make a fork, which no
/// merge can repair. (Riak's per-key epochs and Automerge's "possible document clone" are what
/// happens without this rule.)
public struct ReplicaID: Hashable, Comparable, Sendable {
    /// The 64 bits.
    public let rawValue: UInt64

    /// Makes an id of known bits; new ids are minted with `random(using:)`.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Mints an id from an injected generator.
    ///
    /// Zero is kept free as "no replica".
    public static func random(using generator: inout some RandomNumberGenerator) -> ReplicaID {
        ReplicaID(UInt64.random(in: 1...UInt64.max, using: &generator))
    }

    /// Orders ids by their bits: an arbitrary but total order, used where replicas must agree.
    public static func < (lhs: ReplicaID, rhs: ReplicaID) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}

extension ReplicaID: LosslessStringConvertible {
    /// Sixteen lower-case hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Reads exactly sixteen hexadecimal digits.
    public init?(_ description: String) {
        // `UInt64` would take a sign as well.
        guard description.utf8.count == 16, description.utf8.first != UInt8(ascii: "+"),
            description.utf8.first != UInt8(ascii: "-"),
            let value = UInt64(description, radix: 16)
        else { return nil }
        self.init(value)
    }
}
