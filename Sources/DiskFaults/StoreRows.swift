public import GRDB

/// Every row of a SQLite file as text, to compare two moments of it.
public enum StoreRows {
    /// SQLite's check of the file, and the rows of every table that is stored.
    public static func all(_ db: Database) throws -> [String] {
        var lines = try String.fetchAll(db, sql: "PRAGMA integrity_check").map { "check: \($0)" }
        let tables = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND rootpage > 0 ORDER BY name
                """
        )
        for table in tables {
            let columns = try db.columns(in: table).map { "quote(\(quoted($0.name)))" }
            lines += try String.fetchAll(
                db,
                sql: """
                    SELECT '\(table): ' || \(columns.joined(separator: " || ' | ' || "))
                    FROM \(quoted(table))
                    """
            )
        }
        return lines
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}
