import Foundation
import GRDB
public import Replication

/// A new store with what can be read of a damaged one; `docs/salvage.md` says what that is.
///
/// The damaged store is read only, and stays as it is.
public struct StoreSalvage: Sendable {
    /// Something that could not be read.
    public enum Loss: Hashable, Sendable {
        /// A change that waited to be sent: some of its parts, or none, are in the new store.
        case change(counter: UInt64, parts: Int, of: Int)
        /// Rows of a table.
        case rows(table: String, detail: String)
    }

    /// Whether everything that was recorded is in the new store, which goes on as the old one.
    ///
    /// Otherwise it holds what waited to be sent, under a new identity, and the hub brings the rest.
    public let isWhole: Bool
    /// How many changes wait to be sent in the new store.
    public let waiting: Int
    /// What could not be read.
    public let losses: [Loss]

    /// Makes a store in a folder out of what can be read of another one.
    ///
    /// - Parameters:
    ///   - folder: the damaged store's folder.
    ///   - target: the new store's, which holds none.
    ///   - schema: the record types.
    ///   - author: who writes to the new store.
    ///   - environment: time and chance.
    ///
    /// - Throws: `StoreError` when nothing at all can be read, or the new store not be written.
    public init(
        of folder: String,
        in target: String,
        schema: Schema,
        author: String,
        environment: CoreEnvironment = .system
    ) throws {
        let path = folder + "/store.sqlite"
        guard try StoreFile.exists(path) else {
            throw StoreError(.missing, "\(folder) holds no store")
        }
        guard try !StoreHeader.isEmpty(path) else {
            throw StoreError(.corrupt, "the store's file \(path) is empty: there is nothing in it")
        }
        try StoreHeader.check(path)
        let lock = try StoreSalvage.lock(folder)
        defer { withExtendedLifetime(lock) {} }
        let reading = target + "/.reading"
        defer { try? FileManager.default.removeItem(atPath: reading) }
        var copy: SalvageCopy? = try SalvageCopy(of: path, in: reading, schema: schema)
        let rest = try copy?.waiting()
        var isWhole = try copy?.remake() ?? false
        var losses = copy?.losses ?? []
        // Its file is closed with it.
        copy = nil
        if isWhole {
            let found = try StoreVerification(of: reading, schema: schema).findings
            isWhole = found.isEmpty
            losses += found.map { .rows(table: $0.place, detail: $0.problem) }
        }
        if isWhole {
            try FileManager.default.moveItem(
                atPath: reading + "/store.sqlite",
                toPath: target + "/store.sqlite"
            )
        } else if let rest {
            losses += rest.losses
            let replica = try Replica.open(
                at: target,
                schema: schema,
                author: author,
                opening: .create,
                environment: environment
            )
            try replica.core.withLock { core in
                try core.write { db in try core.recordAgain(rest, db) }
            }
        }
        self.isWhole = isWhole
        self.losses = losses
        waiting = rest?.changes.count ?? 0
    }

    /// Keeps a running owner out; a folder that cannot be written has none.
    private static func lock(_ folder: String) throws -> StoreLock? {
        do { return try StoreLock(path: folder + "/store.lock") } catch let error as StoreError
            where error.code == .readOnly
        { return nil }
    }
}

/// Own changes of a damaged store that the hub has not acknowledged.
struct SalvagedChanges {
    /// Under which identity they were recorded.
    let old: ReplicaID
    /// Up to which of its changes the hub has them.
    let acknowledged: UInt64
    /// The changes, each with its readable parts, in the order in which they were recorded.
    let changes: [[LogEntry]]
    /// Up to which change of others the hub has them, as far as the store knew.
    let numbered: VersionVector
    /// The last total of each counter among what the hub has.
    let totals: [RecordKey: [SlotKey: FieldValue]]
    /// The hub's life that the store knew.
    let epoch: Epoch?
    /// What it received.
    let scopes: [String]
    /// The changes of which parts are missing.
    let losses: [StoreSalvage.Loss]
}
