import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: words(
            "Show a store, a delta or a message as JSON; nothing is written.",
            "以 JSON 显示存储、差异文件或报文；不作任何写入。"
        ),
        discussion: words(
            "A store is opened read-only and without its lock, so it may be in use. Of what is damaged, "
                + "as much as can be read is shown.",
            "存储以只读方式打开且不占用锁，可在使用中查看。损坏时尽可能显示能读取的内容。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Argument(
        help: ArgumentHelp(words("A store's folder, a delta, a message.", "存储文件夹、差异文件或报文。")),
        completion: .file()
    )
    var path: String

    @Option(help: ArgumentHelp(words("Entries of a store's log to show.", "显示的日志条数。")))
    var log: Int = 20

    func run() throws {
        let result = try value()
        Output(isJSON: true, wantsColour: false).json(result)
    }

    private func value() throws -> JSONValue {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure.input(
                Messages.file(path, words("there is no such file or folder", "没有这个文件或文件夹"))
            )
        }
        let limit = max(0, min(log, 100_000))
        if isFolder.boolValue { return try StoreReport.json(folder: path, logLimit: limit) }
        let bytes = try InputFile.read(path)
        if bytes.starts(with: "SQLite format 3".utf8) {
            let folder = (path as NSString).deletingLastPathComponent
            return try StoreReport.json(folder: folder.isEmpty ? "." : folder, logLimit: limit)
        }
        return try FrameReport(path: path).json(bytes)
    }
}

/// A store as JSON.
enum StoreReport {
    static func json(folder: String, logLimit: Int) throws -> JSONValue {
        let found = try StoreInspection(
            folder: folder,
            schema: District.schema,
            logLimit: logLimit
        )
        var tables = JSONObject()
        for table in found.tables where !isShadow(table.name) {
            tables[table.name] = .integer(Int64(table.rows))
        }
        var settings = JSONObject()
        for setting in found.settings {
            // The schema's signatures are long and say nothing to a reader.
            let isLong = setting.value.utf8.count > 512
            settings[setting.key] =
                isLong ? .string("(\(setting.value.utf8.count) bytes)") : .string(setting.value)
        }
        return .object([
            "kind": "store", "isStore": .boolean(found.isStore),
            "applicationId": .string(
                "0x" + String(UInt32(bitPattern: found.applicationID), radix: 16)
            ),
            "format": .integer(Int64(found.formatVersion)),
            "currentFormat": .integer(Int64(StoreInspection.currentFormatVersion)),
            "sqlite": .string(StoreInspection.libraryVersion),
            "settings": .object(settings), "tables": .object(tables),
            "replicas": .array(
                found.replicas.map {
                    .object([
                        "replica": .string($0.replica.description),
                        "counter": .integer(Int64(clamping: $0.counter)),
                    ])
                }
            ),
            "records": .array(
                found.types.map {
                    .object([
                        "type": .string(
                            District.schema.record($0.type)?.name ?? String($0.type)
                        ),
                        "records": .integer(Int64($0.records)),
                        "inConflict": .integer(Int64($0.inConflict)),
                    ])
                }
            ),
            "log": .array(found.log.map { LogTable.json($0) }),
            "problems": .array(found.problems.map { .string($0) }),
        ])
    }

    /// Tables that the full-text and place indexes keep for themselves.
    private static func isShadow(_ name: String) -> Bool {
        guard name.hasPrefix("f_") || name.hasPrefix("r_") else { return false }
        return ["config", "data", "docsize", "idx", "content", "node", "parent", "rowid"]
            .contains { name.hasSuffix("_" + $0) }
    }
}
