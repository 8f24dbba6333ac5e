import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field export`.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: words(
            "Write records as GeoJSON, CSV, GPX or JSON Lines.",
            "导出为 GeoJSON、CSV、GPX 或 JSON Lines。"
        ),
        discussion: words(
            "GeoJSON and GPX hold places and tracks in WGS-84. CSV is for spreadsheets: byte order mark, "
                + "CRLF, long codes kept as text, nothing run as a formula; --plain is RFC 4180 as it "
                + "stands. JSON Lines holds every field exactly.",
            "GeoJSON 与 GPX 为 WGS-84 的地点与轨迹。CSV 面向表格软件：带 BOM、CRLF、长代码保为文本、不会被当作公式；"
                + "--plain 为原样的 RFC 4180。JSON Lines 完整保留每个字段。"
        )
    )

    /// The formats.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case geojson, csv, gpx, jsonl
    }

    @OptionGroup var options: StoreOptions

    @Argument(
        help: ArgumentHelp(words("The file; - for standard output.", "文件；- 为标准输出。")),
        completion: .file(extensions: ["geojson", "csv", "gpx", "jsonl"])
    )
    var file: String = "-"

    @Option(help: ArgumentHelp(words("Else by the file's name.", "格式；缺省按文件名判断。")))
    var format: Format?

    @Option(
        help: ArgumentHelp(
            words(
                "The record type: finding, patrol, trackSegment, measurement …; all for JSON Lines.",
                "记录类型：finding、patrol、trackSegment、measurement……；JSON Lines 可用 all。"
            )
        )
    )
    var type: String?

    @Flag(help: ArgumentHelp(words("CSV for programs, not for spreadsheets.", "面向程序的 CSV。")))
    var plain = false

    func run() throws {
        let ending = (file as NSString).pathExtension.lowercased()
        guard let format = format ?? Format(rawValue: ending == "json" ? "geojson" : ending) else {
            throw Failure.input(
                Messages.field(
                    "--format",
                    Messages.wrong(
                        Messages.isNo(ending),
                        Format.allCases.map(\.rawValue).joined(separator: ", ")
                    )
                )
            )
        }
        let context = try CommandContext(options)
        let exporter = RecordExport(context: context)
        let (bytes, count): ([UInt8], Int)
        switch format {
        case .geojson:
            (bytes, count) = try exporter.geoJSON(try types(["finding", "trackSegment"]))
        case .csv:
            let dialect = plain ? CSVDialect.plain : .spreadsheet
            let chosen = try types(["finding"])
            guard chosen.count == 1 else {
                throw Failure.input(
                    Messages.field("--type", words("CSV holds one type", "CSV 只能含一种类型"))
                )
            }
            (bytes, count) = try exporter.csv(chosen[0], dialect: dialect)
        case .gpx: (bytes, count) = try exporter.gpx()
        case .jsonl: (bytes, count) = try exporter.jsonLines(try types(["finding"]))
        }
        try InputFile.write(bytes, to: file)
        guard file != "-" else { return }
        let size = SizeFormat.text(bytes: Int64(bytes.count))
        context.output.line(Messages.exported(file, count, size), style: .green)
        context.output.json(
            .object([
                "file": .string(file), "records": .integer(Int64(count)),
                "bytes": .integer(Int64(bytes.count)),
            ])
        )
    }

    private func types(_ standard: [String]) throws -> [RecordSchema] {
        if type == "all" { return ShortReference.types.sorted { $0.number < $1.number } }
        return try (type.map { [$0] } ?? standard)
            .map { name in
                guard let schema = District.schema.record(named: name) else {
                    throw Failure.input(
                        Messages.field(
                            "--type",
                            Messages.wrong(
                                Messages.isNo(name),
                                District.schema.records.map(\.name).joined(separator: ", ")
                            )
                        )
                    )
                }
                return schema
            }
    }
}
