/// One way in which a disk fails, for a loop over every operation.
public struct DiskFault: Hashable, Sendable, CustomStringConvertible {
    /// What it is called in a failing test.
    public let name: String
    /// The operations that are counted.
    public let operations: FaultDisk.Operations
    /// How many fail in a row; nil for all from there.
    public let times: Int?
    /// What happens at them.
    public let effect: FaultDisk.Effect
    /// For a loss of power: what may be on the disk afterwards, each tried.
    public let losses: [FaultDisk.Loss]

    /// Makes a fault.
    public init(
        _ name: String,
        _ operations: FaultDisk.Operations,
        times: Int? = 1,
        _ effect: FaultDisk.Effect,
        losses: [FaultDisk.Loss] = []
    ) {
        self.name = name
        self.operations = operations
        self.times = times
        self.effect = effect
        self.losses = losses
    }

    /// The name.
    public var description: String { name }

    /// Whether the process ends at the fault.
    public var isFatal: Bool { effect == .losesPower }

    /// Whether reading works while the fault lasts.
    var allowsReading: Bool {
        operations.isDisjoint(with: [.read, .lock, .sharedMemory, .open, .size, .access])
    }

    /// The faults of every loop.
    public static let standard: [DiskFault] = [
        DiskFault("the disk is full once", .write, .fails(.full)),
        DiskFault("the disk is full for ever", .write, times: nil, .fails(.full)),
        DiskFault("a write is cut short", .write, .isCutShort(.inputOutput)),
        DiskFault(
            "a sync, a truncation or a deletion fails",
            [.sync, .truncate, .delete],
            .fails(.inputOutput)
        ),
        DiskFault("changes fail for ever", .changes, times: nil, .fails(.inputOutput)),
        DiskFault("a read fails once", [.read, .size], .fails(.inputOutput)),
        DiskFault("reads fail for ever", [.read, .size], times: nil, .fails(.inputOutput)),
        DiskFault("a lock is held by another", .lock, .fails(.busy)),
        DiskFault(
            "locks and shared memory fail for ever",
            [.lock, .sharedMemory],
            times: nil,
            .fails(.inputOutput)
        ),
        DiskFault(
            "opening, looking or deleting fails",
            [.open, .access, .delete],
            .fails(.inputOutput)
        ),
        DiskFault("the disk turns read-only", .changes, times: nil, .fails(.readOnly)),
        DiskFault(
            "the process is killed, or the power goes",
            .changes,
            .losesPower,
            losses: [.nothing, .everything, .some(seed: 1), .some(seed: 2)]
        ),
    ]
}
