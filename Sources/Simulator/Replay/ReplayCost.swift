#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// CPU time of this process, split by what it was spent on.
struct ReplayCost {
    private(set) var seconds = 0.0

    /// Runs a body and adds what it cost.
    ///
    /// C's `clock` is the process's CPU clock (`CLOCK_PROCESS_CPUTIME_ID`) in microseconds.
    mutating func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = clock()
        defer { seconds += Double(clock() - start) / Double(CLOCKS_PER_SEC) }
        return try body()
    }

    /// The highest resident memory of this process so far, in bytes.
    static func peakMemoryBytes() -> Int64 {
        var usage = rusage()
        // RUSAGE_SELF is 0; the C enumeration does not convert.
        getrusage(0, &usage)
        #if canImport(Darwin)
        return Int64(usage.ru_maxrss)
        #else
        return Int64(usage.ru_maxrss) * 1_024
        #endif
    }
}
