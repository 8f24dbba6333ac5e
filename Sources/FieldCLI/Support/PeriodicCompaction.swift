import Dispatch
import Logging
import MergeServer
import SyncCore

/// Compacts a serving hub's store now and then.
struct PeriodicCompaction: Sendable {
    let storage: SQLiteHubStorage
    let hours: Int
    let logger: Logger

    /// Runs until its task is cancelled; a compaction that is under way then ends first.
    ///
    /// The first one comes after one such time, so that a hub that starts answers at once.
    func run() async {
        // A queue of its own: a compaction is long, in short transactions.
        let queue = DispatchQueue(label: "field compaction")
        while (try? await Task.sleep(for: .seconds(hours * 3_600))) != nil {
            await withCheckedContinuation { continuation in
                queue.async {
                    compact()
                    continuation.resume()
                }
            }
        }
    }

    private func compact() {
        do {
            let report = try storage.compact(.init(), now: CoreEnvironment.system.now())
            logger.notice(
                "compacted",
                metadata: [
                    "closed": "\(report.closed)", "collected": "\(report.collected)",
                    "waiting": "\(report.waiting)", "bytes": "\(report.bytes)",
                    "file": "\(report.fileBytesAfter)",
                ]
            )
        } catch {
            logger.error("compaction failed", metadata: ["error": "\(error)"])
        }
    }
}
