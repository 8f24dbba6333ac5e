import Foundation
import Glibc

/// What one run of something cost.
struct Cost {
    var wallSeconds = 0.0
    var cpuSeconds = 0.0

    /// Runs a body and measures it: wall clock, and user plus system time of this process.
    static func of(_ body: () throws -> Void) rethrows -> Cost {
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        try body()
        return Cost(
            wallSeconds: seconds(CLOCK_MONOTONIC) - wall,
            cpuSeconds: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu
        )
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension [Double] {
    /// The middle value.
    var median: Double {
        guard !isEmpty else { return 0 }
        return sorted()[count / 2]
    }
}

/// The highest resident memory of this process so far, in MiB.
///
/// From the kernel's mark for this program image: what `getrusage` tells begins with the parent's
/// memory at the fork.
func peakMemoryMiB() -> Double {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(separator: " ").compactMap({ Double($0) }).first
    else { return 0 }
    return kilobytes / 1_024
}
