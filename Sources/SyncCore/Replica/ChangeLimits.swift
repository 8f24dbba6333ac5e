import Replication

/// What one change may hold: a device checks it when it writes, a hub before it stores.
///
/// Both count the same way, so that whatever a device records its hub takes.
package enum ChangeLimits {
    /// The most actions on one record.
    package static let actionsMax = 10_000

    /// How many bytes of content a change's actions hold: values, seals, reasons and what this
    /// version does not know.
    package static func bytes(of actions: [Operation.Action]) -> Int {
        actions.reduce(0) { $0 + bytes(of: $1) }
    }

    private static func bytes(of action: Operation.Action) -> Int {
        switch action {
        case .create: 0
        case .write(let slot, let value): bytes(of: slot) + LogEntry.size(value)
        case .delete(let reason), .undelete(let reason), .void(let reason): reason.utf8.count
        case .seal(let reason, let content):
            content.reduce(reason.utf8.count) { $0 + bytes(of: $1.slot) + LogEntry.size($1.value) }
        case .unknown(_, let payload): payload.count
        }
    }

    private static func bytes(of slot: SlotKey) -> Int { slot.element.map(LogEntry.size) ?? 0 }
}
