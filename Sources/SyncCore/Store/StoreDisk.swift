#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The disk that a store lies on: the system's, or one that a test or the simulator brings.
package struct StoreDisk: Sendable {
    /// The SQLite VFS to open the file with; nil for the system's.
    package var vfs: String?
    /// How much space the store keeps back for capture on a full disk; 0 for none.
    package var reserveBytes: Int
    /// How much can still be written in a folder; nil where nobody knows.
    package var freeBytes: @Sendable (_ folder: String) -> Int64?

    package init(
        vfs: String? = nil,
        reserveBytes: Int = StoreDisk.standardReserveBytes,
        freeBytes: @escaping @Sendable (_ folder: String) -> Int64? = StoreDisk.systemFreeBytes
    ) {
        self.vfs = vfs
        self.reserveBytes = reserveBytes
        self.freeBytes = freeBytes
    }

    /// The system's disk, with space kept back.
    package static let system = StoreDisk()

    /// About a thousand findings, see `docs/disk-faults.md`.
    package static let standardReserveBytes = 1 << 20

    /// What the system says, for a program that is not the superuser's.
    package static func systemFreeBytes(_ folder: String) -> Int64? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }

    /// What SQLite is asked to open.
    package func address(of path: String) -> String {
        guard let vfs else { return path }
        var address = "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "%"), 0x80...:
                address += "%" + String(byte, radix: 16)
            default: address.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return address + "?vfs=" + vfs
    }

    /// Waits until a new folder is in the folder above it, also after a loss of power.
    ///
    /// SQLite does the same for its files. Where the system cannot, the store works all the same.
    func syncParent(of folder: String) {
        guard vfs == nil else { return }
        let parent = folder.split(separator: "/").dropLast().joined(separator: "/")
        let path = (folder.hasPrefix("/") ? "/" : "./") + parent
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }
}
