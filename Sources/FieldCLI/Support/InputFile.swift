import Foundation

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
            return Array(try Data(contentsOf: url, options: .mappedIfSafe))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.input(Messages.cannotRead(path, error))
        }
    }

    /// Writes a file whole or not at all; `-` is standard output.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if path == "-" { return Output.raw(bytes) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Failure(.cannotWrite, Messages.cannotWrite(path, error))
        }
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
