import Foundation

/// A store and one operation on it, as a loop over faults needs them.
public protocol FaultScene {
    /// An open store; closed when nothing refers to it any more.
    associatedtype Session

    /// Opens the store of a folder, up to the point where the operation begins.
    func begin(in folder: String, on disk: FaultDisk) throws -> Session
    /// The operation: one transaction, or the error that it was refused with.
    func act(_ session: Session) throws
    /// What the open process takes for true, from memory.
    func belief(_ session: Session) throws -> [String]
    /// What the file holds.
    func rows(_ session: Session) throws -> [String]
    /// Whether an error is one that callers are told of.
    func isNamed(_ error: any Error) -> Bool
}

/// Fails every disk operation of one operation in turn, and looks at what is left.
///
/// After each fault the store opens, SQLite finds the file sound, and it holds what it held before the
/// operation or what it holds after it, never something between. An operation that said it was done is
/// done. A process that went on believes what its file holds, and can do the operation then.
public struct FaultLoop<Scene: FaultScene> {
    private let scene: Scene
    private let base: String?
    private let work: String
    private let indicesMax: Int

    /// Makes a loop.
    ///
    /// - Parameters:
    ///   - scene: the store and the operation.
    ///   - base: a folder with the store's files as they are before; nil for none.
    ///   - work: a folder for the copies.
    ///   - indicesMax: how many operations are failed at most, where `isWhole` is not set.
    public init(_ scene: Scene, base: String?, work: String, indicesMax: Int = 200) {
        self.scene = scene
        self.base = base
        self.work = work
        self.indicesMax = FaultLoopSetting.isWhole ? .max : max(indicesMax, 4)
    }

    /// What a loop did.
    public struct Report {
        /// How many operations of the fault's kinds there are.
        public internal(set) var operations = 0
        /// How many faults were tried.
        public internal(set) var tried = 0
        /// How many of them the operation reported.
        public internal(set) var reported = 0
        /// What was wrong.
        public internal(set) var problems: [String] = []
    }

    private struct Picture: Equatable {
        var belief: [String]
        var rows: [String]
    }

    /// Runs the loop for one fault.
    public func run(_ fault: DiskFault) throws -> Report {
        let before = try picture(of: copy(base))
        let (operations, after) = try health(fault)
        var report = Report()
        report.operations = operations
        if before.rows.first != "check: ok" { report.problems.append("before: \(before.rows)") }
        for index in indices(of: operations) + (fault.isFatal ? [operations + 1] : []) {
            for loss in fault.isFatal ? fault.losses : [.nothing] {
                report.tried += 1
                let folder = try copy(base)
                defer { try? FileManager.default.removeItem(atPath: folder) }
                do {
                    if fault.isFatal {
                        try die(fault, index, loss.at(index), in: folder, before, after, &report)
                    } else {
                        try survive(fault, index, in: folder, before, after, &report)
                    }
                } catch {
                    report.problems.append("operation \(index), \(loss): \(error)")
                }
            }
        }
        return report
    }

    private func indices(of operations: Int) -> [Int] {
        guard operations > indicesMax else { return Array(1...max(operations, 1)) }
        // The first and the last, where most is decided, and evenly between.
        let edge = indicesMax / 4
        let between = indicesMax - 2 * edge
        let span = operations - 2 * edge
        let middle = (0..<between).map { edge + 1 + $0 * span / between }
        return Array(1...edge) + middle + Array((operations - edge + 1)...operations)
    }

    /// How it goes with nothing wrong.
    private func health(_ fault: DiskFault) throws -> (operations: Int, after: Picture) {
        let folder = try copy(base)
        let disk = try FaultDisk()
        var operations = 0
        var belief: [String] = []
        try withSession(in: folder, on: disk) { session in
            disk.resetCounts()
            try scene.act(session)
            operations = disk.count(of: fault.operations)
            belief = try scene.belief(session)
        }
        let after = try picture(of: folder)
        try? FileManager.default.removeItem(atPath: folder)
        guard after.belief == belief else { throw Unfit(what: differences(belief, after.belief)) }
        return (operations, after)
    }

    /// The scene itself is wrong.
    public struct Unfit: Error { let what: String }

    /// Runs the operation into the fault and goes on in the same process.
    private func survive(
        _ fault: DiskFault,
        _ index: Int,
        in folder: String,
        _ before: Picture,
        _ after: Picture,
        _ report: inout Report
    ) throws {
        let disk = try FaultDisk()
        var problems: [String] = []
        var isReported = false
        try withSession(in: folder, on: disk) { session in
            disk.arm(fault.operations, first: index, times: fault.times, fault.effect)
            isReported = !(try isDone(session, &problems))
            let expected = isReported ? before : after
            if fault.allowsReading {
                compare("while it lasts", try scene.belief(session), expected.belief, &problems)
            }
            disk.disarm()
            compare("memory", try scene.belief(session), expected.belief, &problems)
            guard isReported else { return }
            try scene.act(session)
            compare("memory after the retry", try scene.belief(session), after.belief, &problems)
        }
        let found = try picture(of: folder)
        compare("reopened, memory", found.belief, after.belief, &problems)
        compare("reopened, file", found.rows, after.rows, &problems)
        if isReported { report.reported += 1 }
        report.problems += problems.map { "operation \(index): \($0)" }
    }

    /// Runs the operation until the power goes and looks at what a new process finds.
    private func die(
        _ fault: DiskFault,
        _ index: Int,
        _ loss: FaultDisk.Loss,
        in folder: String,
        _ before: Picture,
        _ after: Picture,
        _ report: inout Report
    ) throws {
        let disk = try FaultDisk()
        var problems: [String] = []
        var isDone = false
        try withSession(in: folder, on: disk) { session in
            disk.arm(fault.operations, first: index, fault.effect)
            isDone = try self.isDone(session, &problems)
            // What closing would do is not done either.
            if disk.fired == 0 { try disk.losePower(loss) }
        }
        if disk.fired > 0 { try disk.losePower(loss) }
        let found = try picture(of: folder)
        if isDone {
            compare("was done, but", found.rows, after.rows, &problems)
        } else {
            report.reported += 1
            if found.rows != before.rows {
                compare("neither before nor", found.rows, after.rows, &problems)
            }
        }
        let belief = found.rows == before.rows ? before.belief : after.belief
        compare("memory", found.belief, belief, &problems)
        report.problems += problems.map { "operation \(index), \(loss): \($0)" }
    }

    private func isDone(_ session: Scene.Session, _ problems: inout [String]) throws -> Bool {
        do {
            try scene.act(session)
            return true
        } catch {
            if !scene.isNamed(error) { problems.append("an error without a name: \(error)") }
            return false
        }
    }

    private func withSession(
        in folder: String,
        on disk: FaultDisk,
        _ body: (Scene.Session) throws -> Void
    ) throws {
        try body(try scene.begin(in: folder, on: disk))
    }

    private func picture(of folder: String) throws -> Picture {
        let disk = try FaultDisk()
        var picture = Picture(belief: [], rows: [])
        try withSession(in: folder, on: disk) {
            picture = Picture(belief: try scene.belief($0), rows: try scene.rows($0))
        }
        return picture
    }

    private func copy(_ folder: String?) throws -> String {
        let target = work + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        if let folder { try FaultFiles.copyStore(from: folder, to: target) }
        return target
    }

    private func compare(
        _ what: String,
        _ found: [String],
        _ expected: [String],
        _ problems: inout [String]
    ) {
        if found != expected { problems.append("\(what): \(differences(found, expected))") }
    }

    /// The first lines that only one side has.
    private func differences(_ found: [String], _ expected: [String]) -> String {
        let more = found.filter { !expected.contains($0) }.prefix(3)
        let less = expected.filter { !found.contains($0) }.prefix(3)
        return "has \(more.map { $0.prefix(160) }), lacks \(less.map { $0.prefix(160) })"
    }
}

/// How long the loops may take.
public enum FaultLoopSetting {
    /// Whether every index of every loop is tried: `FIELD_FAULT_LOOPS=whole` in the environment.
    public static let isWhole =
        ProcessInfo.processInfo.environment["FIELD_FAULT_LOOPS"] == "whole"
}

extension FaultDisk.Loss {
    /// Another draw for each operation.
    fileprivate func at(_ index: Int) -> FaultDisk.Loss {
        guard case .some(let seed) = self else { return self }
        return .some(seed: seed &+ 1_000 &* UInt64(index))
    }
}

/// Files of a store as a disk or a person may leave them.
public enum FaultFiles {
    /// Copies a store as a kill of its process leaves it: without the shared memory, which the next
    /// process makes anew, and without the lock.
    public static func copyStore(from folder: String, to target: String) throws {
        for name in ["store.sqlite", "store.sqlite-wal", "store.sqlite-journal"] {
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { continue }
            try FileManager.default.copyItem(atPath: path, toPath: target + "/" + name)
        }
    }

    /// Changes the bits of `mask` in one byte of a file.
    public static func rot(_ path: String, at offset: Int, mask: UInt8) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(offset))
        guard let byte = try handle.read(upToCount: 1)?.first else { return }
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data([byte ^ mask]))
    }

    /// How long a file is; 0 where there is none.
    public static func bytes(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
