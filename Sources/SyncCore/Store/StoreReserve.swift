#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Space that a store keeps back, so that capture goes on when the disk is full.
///
/// It is a file beside the store that is deleted when a local write finds the disk full, and made
/// again when there is space. Nothing but a local write takes it: what is received can come later.
package struct StoreReserve: Sendable {
    private let path: String
    private let folder: String
    private let disk: StoreDisk

    package init(folder: String, disk: StoreDisk) {
        self.folder = folder
        path = folder + "/store.reserve"
        self.disk = disk
    }

    /// Whether this store keeps space back at all.
    package var isEnabled: Bool { disk.reserveBytes > 0 }

    /// Whether the space is still kept back, or there is none to keep.
    package var isHeld: Bool { !isEnabled || access(path, F_OK) == 0 }

    /// Gives the space to whoever writes next; false when it was given before.
    package func release() -> Bool { isEnabled && unlink(path) == 0 }

    /// Keeps the space back again where the disk has several times as much; says whether it is held.
    ///
    /// A disk that is nearly full is left alone: taking the last of it would make the shortage.
    @discardableResult
    package func refill() -> Bool {
        if isHeld { return true }
        guard let free = disk.freeBytes(folder), free / 4 >= Int64(disk.reserveBytes) else {
            return false
        }
        // Made under another name: a reserve that is half there would count as held.
        let draft = path + "-new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let isMade = StoreReserve.allocate(descriptor, bytes: disk.reserveBytes)
        close(descriptor)
        guard isMade, rename(draft, path) == 0 else {
            unlink(draft)
            return false
        }
        return true
    }

    private static func allocate(_ descriptor: Int32, bytes: Int) -> Bool {
        #if canImport(Darwin)
        var store = fstore_t(
            fst_flags: UInt32(F_ALLOCATEALL),
            fst_posmode: F_PEOFPOSMODE,
            fst_offset: 0,
            fst_length: off_t(bytes),
            fst_bytesalloc: 0
        )
        return fcntl(descriptor, F_PREALLOCATE, &store) == 0
            && ftruncate(descriptor, off_t(bytes)) == 0
        #else
        return posix_fallocate(descriptor, 0, off_t(bytes)) == 0
        #endif
    }
}
