import CFaultVFS

/// A disk that fails on purpose, under a SQLite store.
///
/// A store that is opened with `vfsName` works on this disk: real files, with the faults that are
/// asked for. `docs/disk-faults.md` tells what is modelled and what is not.
public final class FaultDisk: @unchecked Sendable {
    // @unchecked: the C side takes a lock in every call, and the handle never changes.
    private let handle: OpaquePointer

    /// The name under which SQLite knows the disk.
    public let vfsName: String

    /// Kinds of operation.
    public struct Operations: OptionSet, Hashable, Sendable {
        /// One bit for each kind.
        public let rawValue: UInt32

        /// Makes a set of bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Opening a file.
        public static let open = Operations(rawValue: UInt32(FAULT_OPEN))
        /// Reading bytes.
        public static let read = Operations(rawValue: UInt32(FAULT_READ))
        /// Writing bytes.
        public static let write = Operations(rawValue: UInt32(FAULT_WRITE))
        /// Making a file shorter.
        public static let truncate = Operations(rawValue: UInt32(FAULT_TRUNCATE))
        /// Waiting until a file is on the disk.
        public static let sync = Operations(rawValue: UInt32(FAULT_SYNC))
        /// Asking for a file's size.
        public static let size = Operations(rawValue: UInt32(FAULT_SIZE))
        /// Taking a lock, on a file or on its shared memory.
        public static let lock = Operations(rawValue: UInt32(FAULT_LOCK))
        /// Reaching the shared memory beside a write-ahead log.
        public static let sharedMemory = Operations(rawValue: UInt32(FAULT_SHARED_MEMORY))
        /// Deleting a file.
        public static let delete = Operations(rawValue: UInt32(FAULT_DELETE))
        /// Asking whether a file is there.
        public static let access = Operations(rawValue: UInt32(FAULT_ACCESS))
        /// What changes the disk.
        public static let changes: Operations = [.write, .truncate, .sync, .delete]
        /// Everything.
        public static let all = Operations(rawValue: (1 << UInt32(FAULT_KINDS)) - 1)
    }

    /// What a failing operation answers.
    public enum Answer: Hashable, Sendable {
        /// The input/output error of its kind.
        case inputOutput
        /// The disk is full.
        case full
        /// Somebody else holds the lock.
        case busy
        /// The disk cannot be written.
        case readOnly

        var code: Int32 {
            switch self {
            case .inputOutput: 0
            case .full: 13
            case .busy: 5
            case .readOnly: 8
            }
        }
    }

    /// What happens at the operation of a plan.
    public enum Effect: Hashable, Sendable {
        /// It is not done.
        case fails(Answer)
        /// A write is done by half.
        case isCutShort(Answer)
        /// It is the last one before the power goes.
        case losesPower

        var number: Int32 {
            switch self {
            case .fails: Int32(FAULT_FAIL)
            case .isCutShort: Int32(FAULT_SHORT)
            case .losesPower: Int32(FAULT_POWER)
            }
        }

        var code: Int32 {
            switch self {
            case .fails(let answer), .isCutShort(let answer): answer.code
            case .losesPower: 0
            }
        }
    }

    /// What of the unsynced writes is on the disk after the power went.
    public enum Loss: Hashable, Sendable {
        /// All of them: a process was killed, the operating system lived on.
        case nothing
        /// None of them.
        case everything
        /// Some sectors of them, in any order; the seed decides which.
        case some(seed: UInt64)
    }

    /// The disk has no memory for itself.
    public struct OutOfMemory: Error {}

    /// The files cannot be brought into the state after a loss of power.
    public struct CannotLosePower: Error {}

    /// Makes a disk without faults.
    ///
    /// - Parameter vfs: the SQLite VFS that does what does not fail; nil for the system's.
    /// - Throws: `OutOfMemory`, also where there is no such VFS.
    public init(beneath vfs: String? = nil) throws {
        guard let handle = fault_disk_make(vfs) else { throw OutOfMemory() }
        self.handle = handle
        vfsName = String(cString: fault_disk_name(handle))
    }

    deinit { fault_disk_release(handle) }

    /// Lets SQLite keep no account of its memory, for which all threads wait for one another: for a
    /// process that runs many stores, and before it opens the first.
    public static let keepsNoAccount: Void = fault_keep_no_account()

    /// Lets operations fail, counted from now.
    ///
    /// - Parameters:
    ///   - operations: the kinds that are counted.
    ///   - first: the first of them that fails, from 1.
    ///   - times: how many fail from there; nil for all.
    ///   - effect: what happens at them.
    public func arm(
        _ operations: Operations,
        first: Int,
        times: Int? = 1,
        _ effect: Effect
    ) {
        fault_disk_arm(
            handle,
            fault_plan(
                kinds: operations.rawValue,
                first: Int64(first),
                times: times.map(Int64.init) ?? -1,
                code: effect.code,
                effect: effect.number
            )
        )
    }

    /// Lets nothing fail any more.
    public func disarm() { fault_disk_arm(handle, fault_plan()) }

    /// How many operations have failed since `arm`.
    public var fired: Int { Int(fault_disk_fired(handle)) }

    /// How many operations there were since `resetCounts`.
    public func count(of operations: Operations) -> Int {
        Int(fault_disk_count(handle, operations.rawValue))
    }

    /// Counts from nothing again.
    public func resetCounts() { fault_disk_reset_counts(handle) }

    /// Lets each folder's files grow to so many bytes together; nil for no limit.
    public func limit(bytes: Int?) {
        fault_disk_set_quota(handle, bytes.map(Int64.init) ?? -1)
    }

    /// How much may still be written in a folder.
    public func freeBytes(in folder: String) -> Int64 { fault_disk_free_bytes(handle, folder) }

    /// Whether syncs only say that they are done.
    public func lie(_ isLying: Bool) { fault_disk_set_lying(handle, isLying ? 1 : 0) }

    /// Whether files can only be read.
    public func writeProtect(_ isReadOnly: Bool) {
        fault_disk_set_read_only(handle, isReadOnly ? 1 : 0)
    }

    /// How many bytes would be at risk if the power went now.
    public var unsyncedBytes: Int { Int(fault_disk_unsynced_bytes(handle)) }

    /// The power goes and comes back: open files are dead, and can be opened anew.
    public func losePower(_ loss: Loss) throws {
        let code =
            switch loss {
            case .nothing: fault_disk_lose_power(handle, Int32(FAULT_KEEP_ALL), 0)
            case .everything: fault_disk_lose_power(handle, Int32(FAULT_LOSE_ALL), 0)
            case .some(let seed): fault_disk_lose_power(handle, Int32(FAULT_LOSE_SOME), seed)
            }
        guard code == 0 else { throw CannotLosePower() }
    }
}
