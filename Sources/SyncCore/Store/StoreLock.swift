#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps a second process out of a store.
///
/// SQLite up to 3.51.2 can corrupt a WAL file when two connections write or checkpoint at the same
/// moment, and Debian 12 ships 3.40.1. So one process owns a store, and says so by a lock that the
/// kernel drops when the process dies.
package final class StoreLock: Sendable {
    private let descriptor: Int32

    package init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreLock.openFailure(path, errno)
        }
        var isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        // A signal may come first.
        while !isHeld, errno == EINTR { isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
        guard isHeld else {
            let failure = StoreLock.lockFailure(path, errno, descriptor)
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        // The note is for the message above only; the lock itself is the kernel's.
        let note = Array((StoreLock.note + "\n").utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, note, note.count, 0)
    }

    deinit {
        // Let go by name: a child that is being started holds a copy of the descriptor until it runs
        // its own program, and closing ours alone would leave the lock with it.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// How this process names itself in the lock's file.
    private static var note: String { "process \(getpid())" }

    static func openFailure(_ path: String, _ code: Int32) -> StoreError {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT:
            return StoreError(.full, "\(path) cannot be made: \(reason); free some space")
        case EACCES, EPERM, EROFS:
            return StoreError(
                .readOnly,
                "\(path) cannot be opened: \(reason); check the folder's permissions"
            )
        default: return StoreError(.input, "\(path) cannot be opened: \(reason)")
        }
    }

    private static func lockFailure(
        _ path: String,
        _ code: Int32,
        _ descriptor: Int32
    ) -> StoreError {
        guard code == EWOULDBLOCK else {
            return StoreError(
                .input,
                "\(path) cannot be locked: \(String(cString: strerror(code))); "
                    + "a store needs a file system with locks"
            )
        }
        let owner = content(of: descriptor)
        if owner == note {
            return StoreError(
                .locked,
                "the store is open already in this process (\(owner)); "
                    + "use what has it open, a store has one owner at a time"
            )
        }
        return StoreError(
            .locked,
            "the store is open in another process\(owner.isEmpty ? "" : " (\(owner))"); "
                + "end it first, a store has one owner at a time"
        )
    }

    private static func content(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return "" }
        return String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)
    }
}
