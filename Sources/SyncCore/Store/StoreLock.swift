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
            let reason = String(cString: strerror(errno))
            throw StoreError(
                errno == EACCES || errno == EROFS ? .readOnly : .input,
                "\(path) cannot be opened: \(reason); check the folder's permissions"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = StoreLock.content(of: descriptor)
            close(descriptor)
            throw StoreError(
                .locked,
                "the store is open in another process\(owner.isEmpty ? "" : " (\(owner))"); "
                    + "end it first, a store has one owner at a time"
            )
        }
        self.descriptor = descriptor
        // The note is for the message above only; the lock itself is the kernel's.
        let note = Array("process \(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, note, note.count, 0)
    }

    deinit { close(descriptor) }

    private static func content(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return "" }
        return String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)
    }
}
