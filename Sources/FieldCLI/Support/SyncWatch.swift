import Foundation
import SyncCore

/// Keeps a store in step with its hub until it is interrupted.
///
/// Between two exchanges the store is closed, so that other commands can use it; what they record is
/// seen by the store's files.
struct SyncWatch {
    /// How long the hub may hold the question, in seconds.
    private static let holdSeconds: UInt64 = 60
    /// How often the files are looked at.
    private static let look = Duration.milliseconds(500)
    /// The shortest and the longest pause after a failure.
    private static let pauseMin = Duration.seconds(1)
    private static let pauseMax = Duration.seconds(60)

    private let command: SyncCommand

    init(_ command: SyncCommand) { self.command = command }

    /// Until the process is interrupted, or what stands in the way does not pass by itself.
    func run() async throws {
        var pause = SyncWatch.pauseMin
        Output.remark(Messages.watching)
        while true {
            do {
                let (question, address) = try await exchange()
                let files = FilesMark(of: command.options.folder)
                let begin = ContinuousClock.now
                try await news(question, address, files)
                if ContinuousClock.now - begin > SyncWatch.pauseMin {
                    pause = SyncWatch.pauseMin
                    continue
                }
                // A hub that does not hold must not be asked without a pause.
                try await Task.sleep(for: pause)
                pause = min(pause * 2, SyncWatch.pauseMax)
            } catch let error as SyncError where error.code == .unreachable {
                Output.remark(Messages.watchPaused("\(error)"))
                try await Task.sleep(for: pause)
                pause = min(pause * 2, SyncWatch.pauseMax)
            } catch let error as StoreError where error.code == .locked {
                // A long command has it: it will be seen when that is done.
                try await Task.sleep(for: pause)
            }
        }
    }

    /// One sync, told when it did something; and what to ask the hub while the store is closed.
    private func exchange() async throws -> (question: [UInt8], address: String) {
        let context = try CommandContext(command.options)
        let (summary, raised) = try await command.exchange(context)
        if summary.changesUp + summary.entriesDown > 0 {
            try command.report(summary, context)
            command.sayFlagged(raised, context)
        }
        let effect = SyncSession.Effect.prepare(
            pushBytesMax: 1,
            pullBytesMax: nil,
            holdSeconds: SyncWatch.holdSeconds
        )
        switch context.replica.perform(effect) {
        case .prepared(let request, _, _):
            return (request, command.hub ?? context.device.hub)
        case .rejected(let error): throw error
        default: throw SyncError(.stalled, "the store made no request")
        }
    }

    /// Waits until the hub answers or a file changes; the answer itself is asked for again with the
    /// store open.
    private func news(_ question: [UInt8], _ address: String, _ files: FilesMark) async throws {
        let transport = try HTTPTransport(
            url: address,
            timeoutSeconds: Int64(SyncWatch.holdSeconds) + Int64(command.timeout)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(TransportError) {
                    _ = try await transport.exchange(Transfer.message(question).encoded)
                } catch {
                    // What passes by itself is for the next round.
                    let code: SyncError.Code = error.isTransient ? .unreachable : .refused
                    throw SyncError(code, error.message)
                }
            }
            group.addTask {
                while FilesMark(of: command.options.folder) == files {
                    try await Task.sleep(for: SyncWatch.look)
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// How the files of a store stand: another mark means that something was written.
private struct FilesMark: Equatable {
    private let sizes: [Int]
    private let times: [Date]

    init(of folder: String) {
        let attributes = ["/store.sqlite", "/store.sqlite-wal"]
            .map { try? FileManager.default.attributesOfItem(atPath: folder + $0) }
        sizes = attributes.map { $0?[.size] as? Int ?? 0 }
        times = attributes.map { $0?[.modificationDate] as? Date ?? .distantPast }
    }
}
