import Foundation
import SyncCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Makes a store whole or not at all.
///
/// Everything is made in a folder inside the store's own, which is on the same disk, and then moved
/// up, the store's file last: where `store.sqlite` stands, everything else stands too. A process
/// that is killed before leaves a folder without a store, and the next `init` begins anew.
struct StoreBuilder {
    /// The folder in the making.
    private static let workName = ".making"
    private static let fileName = "store.sqlite"

    let folder: String

    /// Runs `body`, which makes a store in the folder that it is given, and moves it into place.
    func build<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
        let isOurs = try makeFolder()
        do {
            guard !FileManager.default.fileExists(atPath: folder + "/" + StoreBuilder.fileName)
            else {
                throw StoreError(
                    .exists,
                    words(
                        "\(folder) holds a store already; choose another folder",
                        "\(folder) 已有存储；请另选文件夹"
                    )
                )
            }
            // Held to the end, so that two of these do not make one store.
            let lock = try StoreLock(path: folder + "/store.lock")
            let work = folder + "/" + StoreBuilder.workName
            try? FileManager.default.removeItem(atPath: work)
            defer { try? FileManager.default.removeItem(atPath: work) }
            let result = try body(work)
            try moveUp(from: work)
            withExtendedLifetime(lock) {}
            return result
        } catch {
            if isOurs { try? FileManager.default.removeItem(atPath: folder) }
            throw error
        }
    }

    /// Makes the folder; says whether it was missing.
    private func makeFolder() throws -> Bool {
        if FileManager.default.fileExists(atPath: folder) { return false }
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            let isFull = Messages.posixCode(of: error) == ENOSPC
            throw StoreError(isFull ? .full : .readOnly, Messages.cannotWrite(folder, error))
        }
        return true
    }

    private func moveUp(from work: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: work).sorted()
            .filter { $0 != "store.lock" && $0 != StoreBuilder.fileName }
        for name in ["-wal", "-shm"].map({ StoreBuilder.fileName + $0 })
        where !names.contains(name) {
            // Of a store that somebody took away; it would be read as this one's.
            unlink(folder + "/" + name)
        }
        for name in names + [StoreBuilder.fileName] {
            guard rename(work + "/" + name, folder + "/" + name) == 0 else {
                let reason = String(cString: strerror(errno))
                throw StoreError(.input, Messages.file(folder + "/" + name, reason))
            }
        }
        let descriptor = open(folder, O_RDONLY)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }
}
