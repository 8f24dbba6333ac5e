/// How a position was found.
public enum NMEAQuality: Hashable, Sendable {
    /// The sentences do not say.
    case unknown
    /// By satellites alone.
    case autonomous
    /// With corrections.
    case differential
    /// With the precise service.
    case precise
    /// By carrier phase, fixed.
    case realTimeKinematic
    /// By carrier phase, not yet fixed.
    case realTimeKinematicFloat
    /// By dead reckoning: estimated, not measured.
    case estimated
    /// Typed in.
    case manual
    /// Invented by a simulator.
    case simulated
}

extension NMEAQuality {
    /// The quality digit of GGA; nil for 0, which says that there is no fix.
    init?(qualityDigit: UInt8) {
        switch qualityDigit {
        case UInt8(ascii: "1"): self = .autonomous
        case UInt8(ascii: "2"): self = .differential
        case UInt8(ascii: "3"): self = .precise
        case UInt8(ascii: "4"): self = .realTimeKinematic
        case UInt8(ascii: "5"): self = .realTimeKinematicFloat
        case UInt8(ascii: "6"): self = .estimated
        case UInt8(ascii: "7"): self = .manual
        case UInt8(ascii: "8"): self = .simulated
        case UInt8(ascii: "9"): self = .differential
        default: return nil
        }
    }

    /// The mode letter of RMC and GLL; nil for N, which says that there is no fix.
    init?(modeLetter: UInt8) {
        switch modeLetter {
        case UInt8(ascii: "A"): self = .autonomous
        case UInt8(ascii: "D"): self = .differential
        case UInt8(ascii: "P"): self = .precise
        case UInt8(ascii: "R"): self = .realTimeKinematic
        case UInt8(ascii: "F"): self = .realTimeKinematicFloat
        case UInt8(ascii: "E"): self = .estimated
        case UInt8(ascii: "M"): self = .manual
        case UInt8(ascii: "S"): self = .simulated
        case UInt8(ascii: "N"): return nil
        default: self = .unknown
        }
    }
}
