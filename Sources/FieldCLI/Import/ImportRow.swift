import Foundation
import Interchange
import SyncCore

/// One row of a foreign file.
protocol ImportRow {
    /// The line on which it starts.
    var line: Int { get }
    /// The text in a column; nil when there is no such column.
    func value(_ column: String) -> String?
}

extension CSVRow: ImportRow {
    func value(_ column: String) -> String? { self[column] }
}

/// A line of a JSON Lines file; columns are paths such as `place.lat`.
struct JSONRow: ImportRow {
    let line: Int
    let object: JSONValue

    func value(_ column: String) -> String? {
        if let value = object[column] { return JSONRow.text(value) }
        var value = object
        for part in column.split(separator: ".") {
            guard let next = value[String(part)] else { return nil }
            value = next
        }
        return JSONRow.text(value)
    }

    /// The paths of the object's values, for messages.
    var paths: [String] { object.object?.members.map(\.key) ?? [] }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .boolean(let flag): flag ? "true" : "false"
        case .string(let text): text
        case .integer, .number: value.lexeme ?? ""
        case .array, .object: value.description
        }
    }
}

/// Reads the rows of a foreign file, a chunk at a time.
struct ImportFile {
    let path: String
    let format: Mapping.Format
    let delimiter: UInt8
    let encoding: TextEncoding
    /// The size of the file, for progress.
    let bytes: Int

    init(
        path: String,
        format: Mapping.Format?,
        delimiter: UInt8,
        encoding: TextEncoding
    ) throws {
        self.path = path
        self.delimiter = delimiter
        self.encoding = encoding
        let ending = InputFile.ending(path)
        switch format ?? (["jsonl", "ndjson"].contains(ending) ? .jsonl : nil) {
        case let format?: self.format = format
        case nil: self.format = .csv
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        bytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// Calls `body` with each row; a fault of the file ends the reading.
    func forEachRow(
        columns: [String],
        _ body: (_ row: any ImportRow, _ bytesRead: Int) throws -> Void
    ) throws {
        let handle: FileHandle
        do { handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)) } catch {
            throw Failure.input(Messages.cannotRead(path, error))
        }
        defer { try? handle.close() }
        do {
            switch format {
            case .csv: try readCSV(handle, columns, body)
            case .jsonl: try readLines(handle, columns, body)
            }
        } catch let error as InterchangeError {
            let isForeign = error.code == .invalidEncoding && encoding == .utf8
            throw Failure.input(
                Messages.file(path, "\(error)" + (isForeign ? Messages.encodingHint : ""))
            )
        } catch let error as GzipReader.Failure {
            throw Failure.input(Messages.file(path, Messages.gzip(error.description)))
        } catch let error as TextDecoder.Failure {
            throw Failure.input(Messages.file(path, Messages.undecoded(error, encoding)))
        }
    }

    private func readCSV(
        _ handle: FileHandle,
        _ columns: [String],
        _ body: (any ImportRow, Int) throws -> Void
    ) throws {
        var reader = CSVReader(dialect: CSVDialect(delimiter: delimiter))
        var isHeaderChecked = false
        try forEachChunk(handle) { chunk, bytesRead in
            if let chunk { reader.append(chunk) } else { reader.finish() }
            while let row = try reader.next() {
                if !isHeaderChecked { try check(row.names, columns) }
                isHeaderChecked = true
                try body(row, bytesRead)
            }
        }
        if !isHeaderChecked { try check(reader.names ?? [], columns) }
    }

    private func check(_ names: [String], _ columns: [String]) throws {
        for column in columns where !names.contains(column) {
            throw Failure.input(
                Messages.line(
                    path,
                    1,
                    column,
                    Messages.wrong(Messages.noColumn, names.joined(separator: ", "))
                )
            )
        }
    }

    private func readLines(
        _ handle: FileHandle,
        _ columns: [String],
        _ body: (any ImportRow, Int) throws -> Void
    ) throws {
        var reader = JSONLinesReader()
        var unseen = columns
        var known: [String]?
        try forEachChunk(handle) { chunk, bytesRead in
            if let chunk { reader.append(chunk) } else { reader.finish() }
            while let (line, value) = try reader.next() {
                guard value.object != nil else {
                    throw Failure.input(Messages.line(path, line, nil, Messages.noObject))
                }
                let row = JSONRow(line: line, object: value)
                known = known ?? row.paths
                if !unseen.isEmpty { unseen.removeAll { row.value($0) != nil } }
                try body(row, bytesRead)
            }
        }
        // A path that may be absent from a line stands in another; one in none is misspelt.
        guard let known, let column = unseen.first else { return }
        throw Failure.input(
            Messages.file(path, Messages.field(column, Messages.columnInNoRow(known)))
        )
    }

    /// Calls `body` with each piece of the file as UTF-8, and with nil at its end.
    private func forEachChunk(
        _ handle: FileHandle,
        _ body: (_ chunk: ArraySlice<UInt8>?, _ bytesRead: Int) throws -> Void
    ) throws {
        guard encoding != .utf8 else { return try forEachRawChunk(handle, body) }
        let decoder = try TextDecoder()
        try forEachRawChunk(handle) { chunk, bytesRead in
            guard let chunk else {
                try decoder.finish()
                return try body(nil, bytesRead)
            }
            try body(try decoder.decoded(chunk)[...], bytesRead)
        }
    }

    /// Calls `body` with each piece of the file, unpacked where it is gzip, and with nil at its end.
    private func forEachRawChunk(
        _ handle: FileHandle,
        _ body: (_ chunk: ArraySlice<UInt8>?, _ bytesRead: Int) throws -> Void
    ) throws {
        let gzip = InputFile.isGzip(path) ? try GzipReader() : nil
        var bytesRead = 0
        while let chunk = try handle.read(upToCount: 1 << 16), !chunk.isEmpty {
            bytesRead += chunk.count
            if let gzip {
                try gzip.unpack(Array(chunk)) { try body($0, bytesRead) }
            } else {
                try body(Array(chunk)[...], bytesRead)
            }
        }
        try gzip?.finish()
        try body(nil, bytesRead)
    }
}
