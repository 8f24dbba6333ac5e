import Foundation
import Models
import Replication
import SyncCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A copy of a store to look at, where the store itself cannot be opened: it cannot be written, and
/// SQLite wants to write beside a file even to read it, or another process has it.
///
/// Nothing that is written to it stays, so only commands that write nothing may use it.
struct ViewingCopy {
    private let folder: String

    /// Names the store.
    init(of folder: String) { self.folder = folder }

    /// Copies a store that cannot be written and opens the copy, which lasts as long as it is open.
    func open(_ device: DeviceFile) throws -> Replica {
        // While the copy is made nobody may write; the lock's file can be read at least.
        let lock = systemOpen(folder + "/store.lock", O_RDONLY | O_CLOEXEC)
        defer { if lock >= 0 { close(lock) } }
        guard lock < 0 || flock(lock, LOCK_SH | LOCK_NB) == 0 else {
            throw StoreError(.locked, Messages.lockedByAnother)
        }
        return try open(device) { copy in
            for name in ["store.sqlite", "store.sqlite-wal"]
            where FileManager.default.fileExists(atPath: folder + "/" + name) {
                try duplicate(folder + "/" + name, to: copy + "/" + name)
            }
        }
    }

    /// Copies a store that another process has, as it stands at this moment, and opens the copy.
    func openBeside(_ device: DeviceFile) throws -> Replica {
        try open(device) { try StoreSnapshot.copy(folder, to: $0) }
    }

    private func open(
        _ device: DeviceFile,
        _ fill: (_ copy: String) throws -> Void
    ) throws -> Replica {
        let copy = NSTemporaryDirectory() + "field-view-" + UUID().uuidString
        // The files stay readable to who has them open, and need no clearing up when this ends.
        defer { try? FileManager.default.removeItem(atPath: copy) }
        do {
            try FileManager.default.createDirectory(
                atPath: copy,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try fill(copy)
        } catch let error as Failure {
            throw error
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.readOnly, Messages.cannotWrite(copy, error))
        }
        return try Replica.open(
            at: copy,
            schema: District.schema,
            author: device.officer,
            opening: .existing
        )
    }

    /// Copies the content only: the copy is to be written.
    private func duplicate(_ source: String, to target: String) throws {
        let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
        defer { try? input.close() }
        let sink = try FileSink(target)
        while let chunk = try input.read(upToCount: 1 << 20), !chunk.isEmpty {
            try sink.append(chunk)
        }
        try sink.finish()
    }
}

/// The system's call, which the type's own function of the name hides.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }
