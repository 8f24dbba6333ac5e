import Foundation
import Interchange
import Synchronization

/// Draws how far long work has come on standard error, when that is a terminal.
final class ProgressLine: Sendable {
    private struct Drawn {
        var atMilliseconds: Int64 = .min
        var isShown = false
    }

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ProgressLine.milliseconds
    private let drawn = Mutex(Drawn())
    private let bar = ProgressBar(labels: words("en", "zh") == "zh" ? .chinese : .english)

    /// Shows a state, at most ten times a second.
    func show(_ phase: String, done: Int, of total: Int, bytes: Int = 0) {
        guard isTerminal else { return }
        let now = ProgressLine.milliseconds
        drawn.withLock { drawn in
            guard drawn.atMilliseconds == .min || now - drawn.atMilliseconds >= 100 || done == total
            else { return }
            drawn = Drawn(atMilliseconds: now, isShown: true)
            let line = bar.line(
                ProgressBar.State(
                    phase: phase,
                    done: Int64(done),
                    of: Int64(total),
                    bytes: Int64(bytes),
                    elapsedMilliseconds: now - start
                ),
                columns: Output.terminalColumns(STDERR_FILENO) - 1
            )
            Output.write("\r\u{1B}[K" + line, to: STDERR_FILENO)
        }
    }

    /// Takes the line away.
    func end() {
        drawn.withLock { drawn in
            guard drawn.isShown else { return }
            drawn.isShown = false
            Output.write("\r\u{1B}[K", to: STDERR_FILENO)
        }
    }

    private static var milliseconds: Int64 {
        Int64(clamping: DispatchTime.now().uptimeNanoseconds / 1_000_000)
    }
}
