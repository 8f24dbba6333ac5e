import Replication
import SyncCore

/// A device's log as a reader who looks now and then has seen it.
///
/// Only rows that came since the last look are read. Rows that have gone, or that have got other
/// names, are noticed by the mark of those before, and then everything is read again.
struct FleetDeviceLog {
    /// What the last look has brought, until it is checked.
    private(set) var new: [LogEntry] = []
    /// Whether the last look had to begin anew.
    private(set) var isAnew = false
    /// The changes that stand in the log.
    private(set) var tokens: Set<FleetToken> = []
    /// Records with rows that came since their histories were read.
    private(set) var unread: Set<RecordKey> = []
    /// How many rows came since then, and how many there are.
    private(set) var unreadRows = 0
    private(set) var rows = 0

    /// Up to which of the hub's rows everything in scope was found here.
    var cursorChecked = 0
    /// The towns for which that holds.
    var townsChecked: Int64 = 0
    /// Up to which of the hub's rows what is shown was compared.
    var viewsChecked = 0

    /// Changes of which the hub's log was not yet seen to have them.
    private var open: Set<FleetToken> = []
    private var mark: Reading.LogMark?

    /// Reads on, or everything anew when `isWhole`.
    mutating func look(_ reading: Reading, isWhole: Bool = false) throws {
        let before = try mark.map { try reading.logMark(through: $0.last) }
        isAnew = isWhole || mark == nil || before != mark
        if isAnew {
            self = FleetDeviceLog()
            isAnew = true
        }
        let (entries, last) = try reading.log(after: mark?.last ?? 0)
        new = entries
        mark = try reading.logMark(through: last)
        rows += new.count
        unreadRows += new.count
        for entry in new {
            unread.insert(entry.record)
            guard let token = FleetToken(reason: entry.reason) else { continue }
            tokens.insert(token)
            open.insert(token)
        }
    }

    /// What is new was checked; a thousand devices together would take much memory for it.
    mutating func noteChecked() { new = [] }

    /// A planted fault: one of these changes is not here after all.
    mutating func hide(_ candidates: [FleetToken]) {
        guard let token = candidates.first(where: { tokens.contains($0) }) else { return }
        tokens.remove(token)
        cursorChecked = 0
    }

    /// The histories of all records were read.
    mutating func noteRead() {
        unread = []
        unreadRows = 0
    }

    /// Whether the hub has everything that is here.
    mutating func isKnown(to log: FleetHubLog) -> Bool {
        open = open.filter { log.dots[$0] == nil }
        return open.isEmpty
    }
}
