/// A hybrid logical time: milliseconds since 1970 and a counter that breaks ties.
///
/// Timestamps of one causal chain strictly grow, so their order is a linear extension of causality.
/// They order what is shown and break ties between concurrent writes of operational fields; they
/// never decide a legal fact and no change is refused for one (Kulkarni et al., *Logical Physical
/// Clocks*, 2014).
public struct HybridTimestamp: Hashable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z by the writer's clock, or the latest time it had
    /// seen if that was later.
    public var wallTime: Int64
    /// Counts the events within one millisecond, and those of a clock that stands still.
    public var logical: UInt32

    /// Makes a timestamp.
    public init(wallTime: Int64, logical: UInt32 = 0) {
        self.wallTime = wallTime
        self.logical = logical
    }

    /// The first instant: what a new clock has seen.
    public static let origin = HybridTimestamp(wallTime: 0)
}

extension HybridTimestamp: Comparable {
    /// Orders by wall time, then the logical counter.
    public static func < (lhs: HybridTimestamp, rhs: HybridTimestamp) -> Bool {
        lhs.wallTime == rhs.wallTime ? lhs.logical < rhs.logical : lhs.wallTime < rhs.wallTime
    }
}

extension HybridTimestamp: CustomStringConvertible {
    /// `milliseconds+logical`.
    public var description: String { "\(wallTime)+\(logical)" }
}

/// A clock whose readings strictly grow, whatever the physical clock does.
public struct HybridLogicalClock: Hashable, Sendable {
    /// The latest time that was given out or observed.
    public private(set) var latest: HybridTimestamp

    /// Makes a clock that goes on from `latest`.
    public init(latest: HybridTimestamp = .origin) {
        self.latest = latest
    }

    /// The next time, later than every time given out or observed before.
    ///
    /// - `physical`: the device's clock, milliseconds since 1970; it may stand still or
    ///   step back.
    public mutating func now(at physical: Int64) -> HybridTimestamp {
        if physical > latest.wallTime {
            latest = HybridTimestamp(wallTime: physical)
        } else if latest.logical < UInt32.max {
            latest.logical += 1
        } else if latest.wallTime < Int64.max {
            // The counter is used up within one millisecond: borrow from the next one.
            latest = HybridTimestamp(wallTime: latest.wallTime + 1)
        }
        return latest
    }

    /// Notes a time that came from elsewhere, so that the next reading is later.
    ///
    /// From the hub, times come bounded by its own time of receipt, so a device with a wrong clock
    /// does not pull others' clocks along. What a peer brings directly has no bound yet and is
    /// observed as it was written: what its reader writes next must be later, or the order of
    /// times would contradict causality. So a peer's wrong clock does reach those it meets; the
    /// bound comes with the next exchange, and takes it out of the records, not out of the clock.
    public mutating func observe(_ timestamp: HybridTimestamp) {
        if timestamp > latest { latest = timestamp }
    }
}
