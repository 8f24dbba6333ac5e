/// Where time and chance enter: nothing below asks the system for either.
public struct CoreEnvironment: Sendable {
    /// The wall clock, milliseconds since 1970-01-01T00:00:00Z; it may be wrong and may step.
    public var now: @Sendable () -> Int64
    /// Sixty-four random bits.
    public var random: @Sendable () -> UInt64

    /// Makes an environment, for example one that a seed decides.
    public init(
        now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.random = random
    }
}

/// Draws from an environment's random source.
struct EnvironmentGenerator: RandomNumberGenerator {
    let environment: CoreEnvironment

    mutating func next() -> UInt64 { environment.random() }
}
