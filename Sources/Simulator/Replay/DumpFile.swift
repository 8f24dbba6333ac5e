import Foundation

/// A file that grows by lines, written in large pieces.
final class DumpFile {
    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 18

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw ReplayOutputError(path: path, "cannot be written") }
        self.path = path
        self.handle = handle
    }

    func append(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= DumpFile.bufferBytes { try flush() }
    }

    func close() throws {
        try flush()
        try handle.close()
    }

    private func flush() throws {
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
