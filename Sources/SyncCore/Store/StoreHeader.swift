#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The first bytes of a SQLite file, read without SQLite.
///
/// Opening a file can change it (its journal mode, a write-ahead log beside it). What is not ours,
/// or newer, is told by its header and left alone.
enum StoreHeader {
    /// The header of the file and of its first page: https://www.sqlite.org/fileformat2.html.
    private static let size = 108
    private static let magic = Array("SQLite format 3\0".utf8)

    static func check(_ path: String) throws {
        let bytes = try read(path)
        // A file that was made a moment before a crash has no byte yet.
        if bytes.isEmpty { return }
        guard bytes.count == size, bytes.starts(with: magic) else {
            // The power went while the first page was written: SQLite takes it back by the journal
            // beside it, and what it then finds is checked again.
            if access(path + "-journal", F_OK) == 0 { return }
            throw StoreError(.foreign, "\(path) is not a SQLite database, or is encrypted")
        }
        do {
            try StoreSchema.check(
                application: number(bytes[68..<72]),
                version: number(bytes[60..<64]),
                // Of the schema's root page: a leaf without cells. A log beside the file may hold more.
                isEmpty: bytes[100] == 13 && bytes[103] == 0 && bytes[104] == 0
            )
            try checkOptions(bytes)
        } catch let error as StoreError {
            throw StoreError(error.code, "\(path): \(error.message)")
        }
    }

    /// Refuses options of SQLite that no store of ours has: by one of them SQLite would read texts in
    /// another encoding, by another it would write over pages that hold records.
    private static func checkOptions(_ bytes: [UInt8]) throws {
        // A hub's file gives pages back when it is asked: then both say so, and never one of them.
        let isAutomatic = number(bytes[52..<56]) != 0
        let isIncremental = number(bytes[64..<68]) != 0
        let options: [(name: String, place: Range<Int>, allowed: ClosedRange<Int32>)] = [
            ("a format of the schema", 44..<48, 0...4),
            ("automatic vacuum", 52..<56, 0...(isIncremental ? .max : 0)),
            ("a text encoding", 56..<60, 0...1),
            ("incremental vacuum", 64..<68, isAutomatic ? 1...1 : 0...0),
        ]
        for option in options {
            let value = number(bytes[option.place])
            guard !option.allowed.contains(value) else { continue }
            throw StoreError(
                .corrupt,
                "its header names \(option.name) that no store has (\(value)); it is damaged: use a "
                    + "copy of the store"
            )
        }
    }

    /// Whether the file has no byte.
    static func isEmpty(_ path: String) throws -> Bool { try read(path).isEmpty }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int32 {
        Int32(bitPattern: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    private static func read(_ path: String) throws -> [UInt8] {
        // A pipe in the file's place would keep us waiting for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw StoreError(
                errno == EACCES ? .readOnly : .input,
                "\(path) cannot be read: \(String(cString: strerror(errno)))"
            )
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(descriptor, &bytes, size, 0)
        guard count >= 0 else {
            throw StoreError(
                .input,
                "\(path) cannot be read: \(String(cString: strerror(errno)))"
            )
        }
        return Array(bytes.prefix(count))
    }
}
