import GRDB
import Interchange
import Synchronization

extension StoreSchema {
    /// Refuses a file in which something was planted or changed that SQLite would carry out or miss.
    ///
    /// A trigger can delete what was just recorded, a view can stand where a table should, and a table
    /// without its keys takes everything twice. None of them shows in the file's header. Only reads.
    static func checkDefinitions(_ db: Database) throws {
        let found = try definitions(db)
        guard !found.isEmpty else { return }
        for definition in found where definition.kind == "trigger" || definition.kind == "view" {
            throw StoreError(
                .foreign,
                "the file holds a \(definition.kind), \(TextWidth.harmless(definition.name)), that no store of "
                    + "this product has; use a copy of the store without it"
            )
        }
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version >= 1 else {
            throw StoreError(
                .corrupt,
                "the store says that it has format \(version), but its tables are there; its header "
                    + "is damaged: use a copy of the store"
            )
        }
        guard version == Self.version else { return }
        for expected in try ownDefinitions() {
            let actual = found.first { $0.name == expected.name }
            guard actual?.sql != expected.sql else { continue }
            throw StoreError(
                .corrupt,
                "the store's \(expected.kind) \(expected.name) is \(actual == nil ? "gone" : "altered"); "
                    + "its records cannot be relied on: use a copy of the store"
            )
        }
    }

    private struct Definition: Sendable {
        var kind: String
        var name: String
        var sql: String
    }

    private static func definitions(_ db: Database) throws -> [Definition] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT CAST(type AS TEXT), CAST(name AS TEXT), coalesce(CAST(sql AS TEXT), '')
                FROM sqlite_master ORDER BY name
                """
        )
        .map {
            Definition(
                kind: try $0.value(0) ?? "",
                name: try $0.value(1) ?? "",
                sql: try $0.value(2) ?? ""
            )
        }
    }

    /// What `migrate` makes, as SQLite keeps it.
    ///
    /// It is the same for every store that a process opens, so it is made once.
    private static func ownDefinitions() throws -> [Definition] {
        try ownMade.withLock { made in
            if let made { return made }
            let found = try DatabaseQueue()
                .writeWithoutTransaction { db in
                    try migrate(db)
                    return try definitions(db)
                }
            made = found
            return found
        }
    }

    private static let ownMade = Mutex<[Definition]?>(nil)
}
