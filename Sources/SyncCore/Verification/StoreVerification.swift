import Foundation
package import GRDB
public import Replication

/// The check of one store's file, a device's or a hub's: read-only, without the store's lock, as of
/// one moment.
///
/// Everything that one file can show of the product's promises, see ``StoreFinding/Invariant``.
/// What is damaged is reported and the rest is checked all the same. `FleetVerification` compares
/// several stores.
public struct StoreVerification: Sendable {
    /// The file.
    public let path: String
    /// Whether it is a hub's.
    public var isHub: Bool { account.isHub }
    /// The store's identity.
    public var replica: ReplicaID { account.replica }
    /// The life of the hub's sequence that the store knows; nil before the first sync.
    public var epoch: String? { account.epoch }
    /// How far a device has seen the hub's order; of a hub, how far the order goes.
    public var cursor: UInt64 { account.cursor }
    /// Entries in the log.
    public var entries: Int { account.entries.count }
    /// Records, deleted ones too.
    public var records: Int { account.records.count }
    /// What is wrong, in the order in which it was found.
    public private(set) var findings: [StoreFinding] = []
    /// What there is to compare with other stores.
    package private(set) var account = StoreAccount()

    /// Checks a store.
    ///
    /// O(log), and O(writes²) for each slot.
    ///
    /// - Parameters:
    ///   - path: the store's folder, or the file itself.
    ///   - schema: the record types.
    ///   - progress: how many records of how many are done.
    /// - Throws: `StoreError` when there is no file, or it is no store of this product, or newer.
    public init(
        of path: String,
        schema: Schema,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        try self.init(of: path, schema: schema, progress: progress) { _, _ in }
    }

    /// Checks a store, and lets somebody who knows more of its tables check them.
    package init(
        of path: String,
        schema: Schema,
        progress: (_ done: Int, _ of: Int) -> Void,
        also more: (StoreCheck, Database) throws -> Void
    ) throws {
        self.path = try StoreVerification.file(at: path)
        guard try StoreFile.exists(self.path) else {
            throw StoreError(.missing, "\(path) holds no store")
        }
        guard try !StoreHeader.isEmpty(self.path) else {
            throw StoreError(.corrupt, "the store's file \(self.path) is empty")
        }
        try StoreHeader.check(self.path)
        do {
            let queue = try StoreInspection.open(self.path)
            (findings, account) = try StoreInspection.read(queue) { db in
                try StoreSchema.check(db)
                let check = StoreCheck(store: self.path, schema: schema)
                check.run(db, progress: progress)
                check.attempt("the hub's tables") { try more(check, db) }
                return (check.findings, check.account)
            }
        } catch {
            throw StoreFile.translate(error, path: self.path)
        }
    }

    /// Whether a store is a hub's; false where that cannot be read.
    package static func holdsHub(_ path: String) -> Bool {
        let flag = try? StoreInspection.open(file(at: path))
            .read {
                try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'is_hub'")
            }
        return flag == 1
    }

    private static func file(at path: String) throws -> String {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return isThere && !isFolder.boolValue ? path : path + "/store.sqlite"
    }
}

/// One check under way.
package final class StoreCheck {
    package let store: String
    package let records: RecordStore
    package private(set) var findings: [StoreFinding] = []
    package var account = StoreAccount()
    /// Whether the receipts could be read.
    package private(set) var hasReceipts = false

    init(store: String, schema: Schema) {
        self.store = store
        records = RecordStore(schema: schema)
    }

    package func note(
        _ invariant: StoreFinding.Invariant,
        _ place: String,
        _ problem: String
    ) {
        findings.append(StoreFinding(invariant, store: store, place: place, problem))
    }

    /// Runs a part of the check; what cannot be read is a finding and the other parts go on.
    package func attempt(_ part: String, _ body: () throws -> Void) {
        do { try body() } catch { note(.soundFile, part, "cannot be read: \(error)") }
    }

    func run(_ db: Database, progress: (_ done: Int, _ of: Int) -> Void) {
        attempt("file") {
            let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check")
            for line in lines where line != "ok" { note(.soundFile, "file", line) }
        }
        attempt("settings") { try readSettings(db) }
        attempt("receipts") {
            do {
                try records.reload(db, withReceipts: !account.isHub)
                hasReceipts = true
            } catch let error as StoreError where error.code == .corrupt {
                note(.receipts, "receipts", error.message)
                try records.reload(db, withReceipts: false)
            }
            if !account.isHub { try records.own(account.replica, db) }
            account.knowledge = records.knowledge
        }
        attempt("quarantine") { try readQuarantine(db) }
        attempt("log") { try checkLog(db) }
        attempt("records") { try checkRecords(db, progress: progress) }
    }

    private func readSettings(_ db: Database) throws {
        func value<Value: DatabaseValueConvertible>(_ key: String) throws -> Value? {
            try Value.fetchOne(
                db,
                sql: "SELECT value FROM meta WHERE key = ? AND value IS NOT NULL",
                arguments: [key]
            )
        }
        account.isHub = try value("is_hub") == 1
        guard let id: Int64 = try value("replica") else {
            note(.soundFile, "settings", "the store has no identity")
            return
        }
        account.replica = ReplicaID(UInt64(bitPattern: id))
        account.epoch = try value("epoch")
        if let text = account.epoch, Epoch(text) == nil {
            note(.soundFile, "settings", "\(text) is no epoch")
        }
        if account.isHub {
            let head = try Int64.fetchOne(db, sql: "SELECT max(number) FROM log")
            account.cursor = UInt64(bitPattern: head ?? 0)
        } else {
            let cursor: Int64? = try value("cursor")
            account.cursor = UInt64(bitPattern: cursor ?? 0)
            let scopes: String? = try value("scopes")
            account.scopes = scopes?.split(separator: "\n").map(String.init) ?? []
            let transition: Int64? = try value("transition_after")
            account.isInTransition = transition != nil
        }
    }

    private func readQuarantine(_ db: Database) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, quarantine.counter FROM quarantine
                JOIN replica ON replica.number = quarantine.replica
                """
        )
        while let row = try rows.next() {
            let replica = ReplicaID(UInt64(bitPattern: try row.value(0)))
            account.heldApart.insert(Dot(replica, UInt64(bitPattern: try row.value(1) as Int64)))
        }
        let own = account.heldApart.filter { $0.replica == account.replica }.map(\.counter).max()
        let confirmed = try UInt64(
            stored: Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'confirmed'") ?? 0
        )
        let numbered = records.receipts[account.replica]?.acknowledged ?? 0
        account.acknowledged = max(own ?? 0, min(confirmed, numbered))
    }

    /// How far into this epoch's order a context reaches; nil for one of an epoch that nobody knows,
    /// which is noted.
    func base(of context: CausalContext) -> UInt64? {
        guard let epoch = context.epoch, let mine = records.epoch, epoch != mine else {
            return context.base
        }
        return records.lives.shared(epoch, mine).map { min($0.head, context.base) }
    }
}
