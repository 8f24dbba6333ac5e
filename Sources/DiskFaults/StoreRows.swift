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
            let quoted = table.replacing("\"", with: "\"\"")
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \"\(quoted)\"")
            while let row = try rows.next() {
                lines.append("\(table): " + row.databaseValues.map(text).joined(separator: " | "))
            }
        }
        return lines
    }

    private static func text(_ value: DatabaseValue) -> String {
        guard case .blob(let bytes) = value.storage else { return value.description }
        return bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
