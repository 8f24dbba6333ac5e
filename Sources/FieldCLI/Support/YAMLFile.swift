import Foundation
import Interchange
import Yams

/// Reads YAML that somebody wrote: mappings, scenarios, releases.
///
/// No file may take memory or time beyond its size, and every fault names the file.
enum YAMLFile {
    /// Reads a file; nil for one without a value.
    static func read(_ path: String) throws -> Node? {
        try read(try InputFile.read(path), path)
    }

    /// Reads the bytes of a file; nil where they hold no value.
    static func read(_ bytes: [UInt8], _ path: String) throws -> Node? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure.input(Messages.file(path, Messages.notUTF8))
        }
        if let line = lineOfAlias(in: bytes) {
            throw Failure.input(Messages.line(path, line, "*", Messages.noAlias))
        }
        do { return try Yams.compose(yaml: text) } catch {
            throw Failure.input(Messages.file(path, excerpt("\(error)")))
        }
    }

    /// The line of the first `*name`, which would stand for a part that has another place.
    ///
    /// Ten of them in ten lines make a thousand million values, which the parser compares one by one
    /// where they stand in a key. None of our files needs one.
    private static func lineOfAlias(in bytes: [UInt8]) -> Int? {
        var line = 1
        var last = UInt8(ascii: "\n")
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "*"), " \t\r\n[{,:?-".utf8.contains(last),
                index + 1 < bytes.count, isNameStart(bytes[index + 1])
            {
                return line
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            last = byte
        }
        return nil
    }

    /// What the parser says, which quotes the line that is at fault, however long that is.
    private static func excerpt(_ message: String) -> String {
        message.split(separator: "\n").prefix(6)
            .map { TextWidth.truncated(String($0.prefix(1_000)), to: 120) }
            .joined(separator: "\n")
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
