#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension CoreEnvironment {
    /// The system's clock and random source.
    public static let system = CoreEnvironment(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        },
        random: {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        }
    )
}
