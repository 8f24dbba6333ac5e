import GRDB
import SyncCore

/// Figures that are kept up to date with every change, so that asking for them costs nothing.
///
/// They stand in `meta`, written in the transaction that changes them, and are counted anew when the
/// hub is opened.
struct HubFigures: Hashable {
    /// Visible records.
    var records = 0
    /// Open conflicts.
    var conflicts = 0
    /// Changes held apart.
    var quarantined = 0

    private static let visible = "(1, 3, 4, 5)"

    /// Counts everything.
    ///
    /// O(records).
    static func count(_ db: Database) throws -> HubFigures {
        var figures = HubFigures()
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) FILTER (WHERE lifecycle IN \(visible)),
                       coalesce(sum(conflicts), 0)
                FROM record
                """
        )
        if let row {
            figures.records = try row.value(0)
            figures.conflicts = try row.value(1)
        }
        figures.quarantined =
            try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM (SELECT DISTINCT replica, counter FROM quarantine)"
            ) ?? 0
        return figures
    }

    /// The figures as they were last written.
    static func load(_ db: Database) throws -> HubFigures {
        var figures = HubFigures()
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT key, value FROM meta WHERE key LIKE 'figure_%'")
        )
        while let row = try rows.next() {
            switch try row.value(0) as String {
            case "figure_records": figures.records = try row.value(1)
            case "figure_conflicts": figures.conflicts = try row.value(1)
            case "figure_quarantined": figures.quarantined = try row.value(1)
            default: break
            }
        }
        return figures
    }

    /// Writes what differs from the figures that stand there.
    func store(replacing old: HubFigures, _ db: Database) throws {
        let values = [
            ("figure_records", records, old.records),
            ("figure_conflicts", conflicts, old.conflicts),
            ("figure_quarantined", quarantined, old.quarantined),
        ]
        for (key, value, old) in values where value != old {
            try db.setMeta(key, value)
        }
    }

    /// Takes records out as they stand in the table now.
    mutating func subtract(_ numbers: [Int64], _ db: Database) throws {
        let part = try HubFigures.part(of: numbers, db)
        records -= part.records
        conflicts -= part.conflicts
    }

    /// Adds records as they stand in the table now.
    mutating func add(_ numbers: [Int64], _ db: Database) throws {
        let part = try HubFigures.part(of: numbers, db)
        records += part.records
        conflicts += part.conflicts
    }

    private static func part(of numbers: [Int64], _ db: Database) throws -> HubFigures {
        var figures = HubFigures()
        for number in Set(numbers) {
            let statement = try db.cachedStatement(
                sql: "SELECT lifecycle IN \(visible), conflicts FROM record WHERE number = ?"
            )
            let found = try statement.first(.integer(number)) {
                (records: Int(try $0.integer(0)), conflicts: Int(try $0.integer(1)))
            }
            figures.records += found?.records ?? 0
            figures.conflicts += found?.conflicts ?? 0
        }
        return figures
    }
}
