import Foundation
import Replication

/// Runs a recorded history of edits and syncs over real device stores and a real hub.
///
/// ```swift
/// let report = try Replay(schema: schema).run(ReplayTrace(path: "trace.jsonl"))
/// print(report.converged, report.lost)
/// ```
///
/// The whole trace is checked before anything runs. One seed decides everything that is left to
/// chance, so two runs of one trace give identical dumps.
public struct Replay: Sendable {
    /// How a replay runs.
    public struct Options: Sendable {
        /// Decides replica ids, where messages are cut, and the like.
        public var seed: UInt64 = 1
        /// An empty folder for the stores, which stay there; nil for one that is deleted.
        public var stores: String?
        /// A folder for the dumps; nil for none.
        public var dump: String?

        /// Makes the default options.
        public init() {}
    }

    /// How far a replay has come.
    public struct Progress: Sendable {
        /// What is being done.
        public enum Phase: Sendable {
            /// Reading the trace and checking it.
            case checking
            /// Running the events.
            case running
            /// Comparing and writing what came out.
            case finishing
        }

        /// What is being done.
        public var phase: Phase
        /// Steps done in this phase.
        public var done: Int
        /// Steps in this phase; 0 while that is not known.
        public var of: Int
        /// Bytes that have gone over the wire.
        public var bytes: Int
    }

    private let schema: ReplaySchema
    private let options: Options

    /// Makes a replay for traces of this schema.
    public init(schema: ReplaySchema, options: Options = Options()) {
        self.schema = schema
        self.options = options
    }

    /// Checks the trace and runs it.
    ///
    /// - Throws: `ReplayError` for a trace that cannot be run, `ReplayOutputError` for a folder that
    ///   cannot be used, `StoreError`.
    public func run(
        _ trace: ReplayTrace,
        progress: @escaping (Progress) -> Void = { _ in }
    ) throws -> ReplayReport {
        let start = ContinuousClock.now
        let names = ReplayNames(schema)
        let reader = ReplayEventReader(names: names)
        progress(Progress(phase: .checking, done: 0, of: 0, bytes: 0))
        let held = try HeldTrace(trace)
        let plan = try ReplayPlan(held.trace, reader: reader)
        let schema = try names.schema()
        if let dump = options.dump { try makeFolder(dump) }
        let folder = try storesFolder()
        defer { if options.stores == nil { try? FileManager.default.removeItem(atPath: folder) } }
        let run = try ReplayRun(
            schema: schema,
            names: names,
            plan: plan,
            folder: folder,
            seed: options.seed,
            progress: progress
        )
        try held.trace.forEach { line, value in
            try run.step(try reader.event(value, line: line))
        }
        try run.checkCount()
        var report = try run.finish(dump: options.dump)
        report.totals.wallSeconds = (ContinuousClock.now - start) / .seconds(1)
        report.totals.peakMemoryBytes = ReplayCost.peakMemoryBytes()
        return report
    }

    /// Checks the trace and runs nothing.
    ///
    /// - Throws: `ReplayError` for a trace that cannot be run.
    package func check(_ trace: ReplayTrace) throws {
        _ = try ReplayPlan(trace, reader: ReplayEventReader(names: ReplayNames(schema)))
    }

    private func storesFolder() throws -> String {
        guard let folder = options.stores else {
            var template = Array((NSTemporaryDirectory() + "field-replay-XXXXXX").utf8CString)
            guard mkdtemp(&template) != nil else {
                throw ReplayOutputError(
                    path: NSTemporaryDirectory(),
                    "no temporary folder can be made here"
                )
            }
            let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
            return String(decoding: bytes, as: UTF8.self)
        }
        try makeFolder(folder)
        guard try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty else {
            throw ReplayOutputError(path: folder, "is not empty; choose another folder")
        }
        return folder
    }

    /// Makes a folder and finds out whether files can be made in it.
    private func makeFolder(_ path: String) throws(ReplayOutputError) {
        let probe = path + "/.field-replay"
        do {
            let files = FileManager.default
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: probe))
            try files.removeItem(atPath: probe)
        } catch {
            throw ReplayOutputError(
                path: path,
                "is no folder that can be written: \(error.localizedDescription)"
            )
        }
    }
}
