import Foundation
package import GRDB

#if FIELD_MUTANTS
import Replication
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One SQLite file with one connection: the owner of a store's folder.
///
/// Layout of the folder: `store.sqlite` (with `-wal` and `-shm`), `store.lock`, `store.reserve`.
package struct StoreFile: Sendable {
    package let queue: DatabaseQueue
    private let lock: StoreLock
    package let folder: String
    package let reserve: StoreReserve

    /// How the file is opened.
    package enum Mode: Sendable {
        /// Make a new store; the folder must not hold one.
        case create
        /// Open what is there.
        case open
        /// Open what is there, or make it.
        case openOrCreate
    }

    /// - `isShrinking`: whether a new file is to give free pages back to the disk when it is asked.
    package init(
        folder: String,
        mode: Mode,
        disk: StoreDisk = .system,
        isShrinking: Bool = false
    ) throws {
        let path = folder + "/store.sqlite"
        let exists = try StoreFile.exists(path)
        switch mode {
        case .create where exists:
            throw StoreError(.exists, "\(folder) holds a store already; choose another folder")
        case .open where !exists:
            throw StoreError(.missing, "\(folder) holds no store; make one with `field init`")
        default: break
        }
        if exists {
            try StoreHeader.check(path)
        } else {
            try StoreFile.makeFolder(folder, on: disk)
        }
        lock = try StoreLock(path: folder + "/store.lock")
        // Under the lock: its owner may be making the file at this moment.
        if exists { try StoreFile.checkEmptied(folder, mode: mode) }
        self.folder = folder
        reserve = StoreReserve(folder: folder, disk: disk)
        do {
            queue = try DatabaseQueue(
                path: disk.address(of: path),
                configuration: StoreFile.configuration
            )
            try queue.writeWithoutTransaction { db in
                try StoreSchema.check(db)
                try StoreSchema.checkDefinitions(db)
                // Only before the first page is written.
                if isShrinking { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.inTransaction(.immediate) {
                    try StoreSchema.migrate(db)
                    return .commit
                }
            }
        } catch {
            throw StoreFile.translate(error, path: path)
        }
        reserve.refill()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "field store"
        configuration.prepareDatabase { db in
            // A change is acknowledged only after a commit that survives power loss.
            #if FIELD_MUTANTS
            let durability = Mutant.isOn(.m17) ? "NORMAL" : "FULL"
            #else
            let durability = "FULL"
            #endif
            try db.execute(
                sql: """
                    PRAGMA synchronous = \(durability);
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -8000;
                    PRAGMA journal_size_limit = 16777216;
                    """
            )
        }
        return configuration
    }

    /// Whether the file is there; what cannot be looked at is not missing.
    static func exists(_ path: String) throws -> Bool {
        guard access(path, F_OK) != 0 else { return true }
        guard errno != ENOENT, errno != ENOTDIR else { return false }
        throw StoreError(
            errno == EACCES ? .readOnly : .input,
            "\(path) cannot be looked at: \(String(cString: strerror(errno))); "
                + "check the folder's permissions"
        )
    }

    /// Refuses a file that lost its content: SQLite would take it for a new, empty store.
    ///
    /// Where a store may be made, the file of one whose first commit never came is no loss: nothing
    /// stands beside it but what is there before that commit.
    private static func checkEmptied(_ folder: String, mode: Mode) throws {
        guard try StoreHeader.isEmpty(folder + "/store.sqlite") else { return }
        let early = ["store.lock", "store.sqlite", "store.sqlite-journal"]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        if mode == .openOrCreate, names.allSatisfy(early.contains) { return }
        throw StoreError(
            .corrupt,
            "the store's file \(folder)/store.sqlite is empty; its records are not in it: put a copy "
                + "of the file in its place, or move the folder away and make a new store"
        )
    }

    private static func makeFolder(_ folder: String, on disk: StoreDisk) throws {
        var path = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            path += "/" + part
            if mkdir(path, 0o700) == 0 {
                disk.syncParent(of: path)
                continue
            }
            guard errno != EEXIST else { continue }
            throw StoreError(
                errno == ENOSPC ? .full : .readOnly,
                "\(path) cannot be made: \(String(cString: strerror(errno)))"
            )
        }
    }

    /// Turns SQLite's error into one that says what to do.
    package static func translate(_ error: any Error, path: String) -> any Error {
        if let error = error as? RowDecodingError { return StoreError.damagedRow(error) }
        guard let error = error as? DatabaseError else { return error }
        func make(_ code: StoreError.Code, _ message: String) -> StoreError {
            StoreError(code, message, underlying: error)
        }
        switch error.resultCode {
        case .SQLITE_FULL:
            return make(.full, "the disk is full: nothing of this was recorded; free some space")
        case .SQLITE_NOTADB:
            return make(.foreign, "\(path) is not a SQLite database, or is encrypted")
        case .SQLITE_CORRUPT:
            return make(.corrupt, "\(path) is damaged; keep the file and run `field doctor`")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return make(.readOnly, "\(path) cannot be written; check permissions and the disk")
        case .SQLITE_IOERR: return make(.input, "the disk reported an error on \(path)")
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return make(.locked, "\(path) is used by another program; end it first")
        default: return make(.database, "SQLite: \(error.message ?? "") (\(error.resultCode))")
        }
    }
}
