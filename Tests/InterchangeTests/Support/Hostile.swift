@testable import Interchange

/// Inputs that nobody means well with.
///
/// All of it is repeatable: the seeds are fixed.
enum Hostile {
    /// Every beginning of a sample, the empty one first, the whole one left out.
    static func truncations(of sample: [UInt8]) -> [[UInt8]] {
        sample.indices.map { Array(sample[..<$0]) }
    }

    /// Copies of a sample with a few bytes changed, taken out, doubled or put in.
    static func mutations(of sample: [UInt8], count: Int, seed: UInt64) -> [[UInt8]] {
        var random = SplitMix(seed: seed)
        return (0..<count)
            .map { _ in
                var bytes = sample
                for _ in 0...random.below(3) {
                    let place = random.below(bytes.count + 1)
                    switch random.below(4) {
                    case 0 where place < bytes.count: bytes[place] = UInt8(random.below(256))
                    case 1 where place < bytes.count: bytes.remove(at: place)
                    case 2 where place < bytes.count:
                        bytes.insert(contentsOf: bytes[place...].prefix(16), at: place)
                    default: bytes.insert(interesting[random.below(interesting.count)], at: place)
                    }
                }
                return bytes
            }
    }

    private static let interesting: [UInt8] =
        Array("\0\t\n\r \"'&*+,-./019:;<=>[\\]{}eEuxZT$!".utf8) + [0x7F, 0x80, 0xC0, 0xED, 0xFF]
}

/// Sebastiano Vigna's SplitMix64: small, seeded, the same everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}

extension String {
    /// The bytes of the string.
    var bytes: [UInt8] { Array(utf8) }
}

/// The error that `body` throws, nil when it throws none.
func fault(_ body: () throws(InterchangeError) -> Void) -> InterchangeError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}
