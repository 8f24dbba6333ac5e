import Replication

/// What one change may hold: a device checks it when it writes, a hub before it stores.
///
/// Both count the same way, so that whatever a device records its hub takes.
package enum ChangeLimits {
    /// The most actions on one record.
    package static let actionsMax = 10_000

    /// About how many bytes a change takes besides its records.
    package static func bytes(author: String, reason: String) -> Int {
        author.utf8.count + reason.utf8.count
    }

    /// About how many bytes a change's part on one record takes: all that a message carries of it.
    package static func bytes(
        of actions: [Operation.Action],
        on record: RecordKey,
        onlySeen: [Dot]?
    ) -> Int {
        actions.reduce(LogEntry.size(record.id) + LogEntry.size(onlySeen: onlySeen)) {
            $0 + $1.approximateSize
        }
    }
}
