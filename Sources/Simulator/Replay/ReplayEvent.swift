import Replication
import SyncCore

/// One line of a trace: who did what, and when.
struct ReplayEvent: Sendable {
    /// The line of the trace.
    let line: Int
    /// The true time, ms since 1970.
    let at: Int64
    /// Whose device.
    let device: String
    /// What the line calls it.
    let verb: String
    let action: Action

    enum Action: Sendable {
        /// One change of one operation, or of several that are all or nothing.
        case write([ReplayOperation])
        case sync(ReplayFault?, budget: Int?)
        case restart
        case clock(offset: Int64)
        case snapshot(name: String)
        case restore(name: String)
    }
}

/// What one operation asks of one record.
struct ReplayOperation: Sendable {
    let key: RecordKey
    let edits: [Edit]
    /// Sets that lose all the members that they have here.
    let emptied: [UInt32]
    /// How much the operation adds to counters, without sign.
    let increment: Int64

    /// How many bytes of values the operation writes, as a transaction counts them.
    var size: Int {
        edits.reduce(0) { sum, edit in
            switch edit {
            case .set(_, let value), .setUnlisted(_, let value), .append(_, _, let value),
                .add(_, let value), .remove(_, let value):
                sum + LogEntry.size(value)
            default: sum
            }
        }
    }
}

/// How the network spoils a sync; it strikes the first message.
enum ReplayFault: String, CaseIterable, Sendable {
    case loseRequest, loseResponse, cutRequest, cutResponse, duplicate
}
