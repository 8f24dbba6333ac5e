import Foundation
import SyncCore

/// Files that a command reads or writes.
enum InputFile {
    /// The most bytes that are read into memory.
    static let bytesMax = 512 << 20

    /// Reads a whole file; `-` is standard input.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" {
            return Array(try FileHandle.standardInput.readToEnd() ?? Data())
        }
        let url = URL(fileURLWithPath: path)
        do {
            let values = try url.resourceValues(forKeys: [.fileSizeKey, .isDirectoryKey])
            if values.isDirectory == true { throw Failure.input(Messages.isFolder(path)) }
            if let size = values.fileSize, size > bytesMax {
                throw Failure.input(Messages.tooLarge(path, size, bytesMax))
            }
            let bytes = Array(try Data(contentsOf: url, options: .mappedIfSafe))
            return isGzip(path) ? try unpacked(bytes) : bytes
        } catch let error as GzipReader.Failure {
            throw Failure.input(Messages.file(path, Messages.gzip(error.description)))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.input(Messages.cannotRead(path, error))
        }
    }

    /// Whether a file is packed by gzip, by its name.
    static func isGzip(_ path: String) -> Bool { path.lowercased().hasSuffix(".gz") }

    /// How a file's name ends, before a `.gz`.
    static func ending(_ path: String) -> String {
        let path = isGzip(path) ? String(path.dropLast(3)) : path
        return (path as NSString).pathExtension.lowercased()
    }

    private static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        var result: [UInt8] = []
        let reader = try GzipReader(bytesMax: bytesMax)
        try reader.unpack(bytes) { result.append(contentsOf: $0) }
        try reader.finish()
        return result
    }

    /// Writes a file whole or not at all; `-` is standard output.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let sink = try FileSink(path)
        try sink.append(bytes)
        try sink.finish()
    }

    /// Finds out before long work whether its result can be written; what is there stays.
    static func checkWritable(_ path: String) throws {
        if path == "-" { return }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let probe = folder.appendingPathComponent(
            ".field-\(ProcessInfo.processInfo.processIdentifier)"
        )
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        {
            throw Failure(.cannotWrite, Messages.isFolder(path))
        }
        do {
            try Data().write(to: probe)
            try FileManager.default.removeItem(at: probe)
        } catch {
            throw Failure(.cannotWrite, Messages.cannotWrite(path, error))
        }
    }
}
