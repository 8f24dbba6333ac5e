import Dispatch
import GRDB
public import Replication
import Synchronization

/// One device's store: records are written, read and merged here, with no network.
///
/// ```swift
/// let replica = try Replica.open(at: folder, schema: District.schema, author: officer)
/// let finding = try replica.write { try $0.insert(Finding(title: "电鱼")) }
/// try replica.write { try $0.update(finding) { $0.method = .electric } }
/// for try await progress in replica.sync(with: hub) { show(progress) }
/// ```
///
/// A write returns after a commit that survives power loss. One process has a store open at a time;
/// inside it, a replica can be used from any thread, and calls take turns.
public final class Replica: Sendable {
    package let core: Serialized<ReplicaCore>
    let observers = Mutex(Observers())
    /// The record types.
    public let schema: Schema
    /// Who writes, unless a write says otherwise.
    public let author: String
    /// Where the store lives.
    public let folder: String
    /// The preset dictionary for messages.
    public let dictionary: CompressionDictionary?
    /// Whether a sync is under way; a second one waits for its turn by failing fast.
    let isSyncing = Mutex(false)
    /// Where a sync's work on the store runs: it blocks, so it must not hold a caller's actor.
    let syncQueue = DispatchQueue(label: "field sync")

    /// How a store's folder is opened.
    public enum Opening: Sendable {
        /// Open a store, or make it where there is none.
        case openOrCreate
        /// Make a store; fails where there is one.
        case create
        /// Open a store; fails where there is none.
        case existing
    }

    /// Opens a store.
    ///
    /// - Parameters:
    ///   - folder: the store's folder; it is made where it is missing.
    ///   - schema: the record types; a store written by another version is brought up to it.
    ///   - author: who writes, for example an officer's number.
    ///   - opening: whether the store must or must not exist.
    ///   - dictionary: the preset dictionary for messages, shared with the hub.
    ///   - environment: time and chance.
    ///
    /// - Returns: the open store.
    /// - Throws: `StoreError`; `.locked` when another process has the store open.
    public static func open(
        at folder: String,
        schema: Schema,
        author: String,
        opening: Opening = .openOrCreate,
        dictionary: CompressionDictionary? = nil,
        environment: CoreEnvironment = .system
    ) throws -> Replica {
        let mode: StoreFile.Mode =
            switch opening {
            case .openOrCreate: .openOrCreate
            case .create: .create
            case .existing: .open
            }
        let core = try ReplicaCore(
            folder: folder,
            mode: mode,
            schema: schema,
            environment: environment
        )
        return Replica(
            core: core,
            schema: schema,
            author: author,
            folder: folder,
            dictionary: dictionary
        )
    }

    private init(
        core: ReplicaCore,
        schema: Schema,
        author: String,
        folder: String,
        dictionary: CompressionDictionary?
    ) {
        self.core = Serialized(core)
        self.schema = schema
        self.author = author
        self.folder = folder
        self.dictionary = dictionary
    }

    /// This store's identity.
    public var id: ReplicaID { core.withLock { $0.replica } }

    /// Writes one change: all of it is recorded, or nothing.
    ///
    /// A body that edits nothing records nothing. When the body throws, nothing is recorded.
    ///
    /// - Parameters:
    ///   - reason: why, for the log: a correction, a resolution.
    ///   - author: who writes, where it is not the replica's author.
    ///   - body: edits records in a transaction.
    /// - Returns: what the body returns, after the commit.
    /// - Throws: `EditError` for a refused edit, `StoreError`, or what the body throws.
    @discardableResult
    public func write<Result>(
        reason: String = "",
        author: String? = nil,
        _ body: (Transaction) throws -> Result
    ) throws -> Result {
        try core.withLock { core in
            var touched = Touched()
            let result = try core.write { db in
                let transaction = Transaction(
                    core: core,
                    db: db,
                    author: author ?? self.author,
                    reason: reason
                )
                defer { transaction.end() }
                let result = try body(transaction)
                touched = Touched(try transaction.commit())
                return result
            }
            notify(touched, origin: .local)
            return result
        }
    }

    /// Reads in one consistent view.
    public func read<Result>(_ body: (Reading) throws -> Result) throws -> Result {
        try core.withLock { core in
            try core.read { db in
                let reading = Reading(core: core, db: db)
                defer { reading.end() }
                return try body(reading)
            }
        }
    }
}
