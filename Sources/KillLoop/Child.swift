import Foundation
import Synchronization

/// A process that this one started, and the lines that it has written.
final class Child: Sendable {
    private let process: Mutex<Process>
    private let written = Mutex(Written())

    private struct Written {
        var lines: [String] = []
        var isEnded = false
    }

    /// Starts a program; its remarks go to a file.
    init(_ program: String, _ arguments: [String], in folder: String, remarks: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = [
            "HOME": folder, "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
        ]
        process.standardInput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: remarks) {
            _ = FileManager.default.createFile(atPath: remarks, contents: nil)
        }
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: remarks))
        try log.seekToEnd()
        process.standardError = log
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        try log.close()
        self.process = Mutex(process)
        let reading = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in read(from: reading) }
    }

    private func read(from handle: FileHandle) {
        var rest: [UInt8] = []
        while true {
            let data = handle.availableData
            if data.isEmpty { break }
            rest += data
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeFirst(end + 1)
                written.withLock { $0.lines.append(line) }
            }
        }
        // What is left was cut by the kill in the middle of a line: nothing was said by it.
        written.withLock { $0.isEnded = true }
    }

    /// What it has written so far.
    var lines: [String] { written.withLock { $0.lines } }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Ends it without warning.
    func kill() { signal(SIGKILL) }

    /// Asks it to end.
    func terminate() { signal(SIGTERM) }

    private func signal(_ number: Int32) {
        process.withLock {
            if $0.isRunning { _ = Foundation.kill($0.processIdentifier, number) }
        }
    }

    /// Waits until it has ended and everything that it wrote is read.
    ///
    /// - Returns: its exit status; nil when a signal ended it, or it did not end in time.
    @discardableResult
    func wait(seconds: Double) -> Int32? {
        _ = waits(seconds: seconds) { !$0.isRunning }
        _ = waits(seconds: 5) { child in child.written.withLock { $0.isEnded } }
        return process.withLock {
            $0.isRunning || $0.terminationReason == .uncaughtSignal ? nil : $0.terminationStatus
        }
    }

    /// Waits until a line has come that the caller takes; nil when none comes in time.
    func line<Found>(seconds: Double, _ take: (String) -> Found?) -> Found? {
        var found: Found?
        _ = waits(seconds: seconds) { child in
            found = child.lines.lazy.compactMap(take).first
            return found != nil || !child.isRunning && child.written.withLock { $0.isEnded }
        }
        return found ?? lines.lazy.compactMap(take).first
    }

    private func waits(seconds: Double, until isDone: (Child) -> Bool) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while !isDone(self) {
            guard Date() < end else { return false }
            usleep(2_000)
        }
        return true
    }
}
