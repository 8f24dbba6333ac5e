import Foundation
public import Interchange
import SyncCore

/// A recorded history: a file of JSON Lines, plain or packed with gzip, or events made in code.
///
/// It is read as often as needed, one line in memory at a time.
public struct ReplayTrace: Sendable {
    private enum Source: Sendable {
        case file(String)
        case events([JSONValue])
    }

    private let source: Source

    /// Names a file; whether it is packed is seen from its first bytes.
    public init(path: String) { source = .file(path) }

    /// Takes events, the first one as line 1.
    public init(events: [JSONValue]) { source = .events(events) }

    /// The file, where it is one; `-` is standard input.
    fileprivate var path: String? {
        guard case .file(let path) = source else { return nil }
        return path == "-" ? "/dev/stdin" : path
    }

    /// Calls `body` with each line's number and value, in order.
    func forEach(_ body: (Int, JSONValue) throws -> Void) throws {
        switch source {
        case .events(let events):
            for (index, event) in events.enumerated() { try body(index + 1, event) }
        case .file: if let path { try read(path, body) }
        }
    }

    private func read(_ path: String, _ body: (Int, JSONValue) throws -> Void) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ReplayError(line: nil, key: nil, "\(path) cannot be read; name the trace's file")
        }
        defer { try? handle.close() }
        // A change holds at most 4 MiB; escapes may make six bytes of one.
        var lines = JSONLinesReader(limits: JSONLimits(bytesMax: 32 << 20))
        var gzip: GzipReader?
        var isFirst = true
        do {
            while let data = try handle.read(upToCount: 1 << 18), !data.isEmpty {
                let bytes = [UInt8](data)
                if isFirst, bytes.starts(with: [0x1F, 0x8B]) { gzip = try GzipReader() }
                isFirst = false
                if let gzip {
                    try gzip.unpack(bytes) {
                        lines.append($0)
                        try ReplayTrace.drain(&lines, body)
                    }
                } else {
                    lines.append(bytes)
                    try ReplayTrace.drain(&lines, body)
                }
            }
            try gzip?.finish()
            lines.finish()
            try ReplayTrace.drain(&lines, body)
        } catch let failure as GzipReader.Failure {
            throw ReplayError(line: nil, key: nil, "\(path): \(failure)")
        }
    }

    private static func drain(
        _ lines: inout JSONLinesReader,
        _ body: (Int, JSONValue) throws -> Void
    ) throws {
        do {
            while let (line, value) = try lines.next() { try body(line, value) }
        } catch let error as InterchangeError {
            let place = error.column.map { "column \($0): " } ?? ""
            throw ReplayError(
                line: error.line,
                key: error.field,
                "\(place)\(error.message); expected \(error.expected)"
            )
        }
    }
}

/// A trace that can be read twice: a pipe is copied into a file, which goes with its owner.
final class HeldTrace {
    /// The trace to read.
    let trace: ReplayTrace
    private let copy: String?

    init(_ trace: ReplayTrace) throws {
        guard let path = trace.path, let input = FileHandle(forReadingAtPath: path),
            !HeldTrace.canGoBack(input)
        else {
            // What cannot be opened is named by the reading.
            self.trace = trace
            copy = nil
            return
        }
        defer { try? input.close() }
        var template = Array((NSTemporaryDirectory() + "field-trace-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ReplayOutputError(
                path: NSTemporaryDirectory(),
                "no temporary file can be made here"
            )
        }
        let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
        let copy = String(decoding: bytes, as: UTF8.self)
        self.copy = copy
        self.trace = ReplayTrace(path: copy)
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            while let data = try input.read(upToCount: 1 << 18), !data.isEmpty {
                try output.write(contentsOf: data)
            }
        } catch {
            throw ReplayOutputError(
                path: copy,
                "cannot hold the trace: \(error.localizedDescription)"
            )
        }
    }

    deinit { if let copy { try? FileManager.default.removeItem(atPath: copy) } }

    /// A pipe and a terminal have no places to go back to.
    private static func canGoBack(_ file: FileHandle) -> Bool {
        (try? file.seekToEnd()) != nil
    }
}
