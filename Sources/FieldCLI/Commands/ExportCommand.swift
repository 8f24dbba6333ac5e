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
            "GeoJSON and GPX hold places and tracks in WGS-84; a place in another datum (GCJ-02) is left out, "
                + "and what is void is marked. CSV is for spreadsheets: byte order mark, "
                + "CRLF, long codes kept as text, nothing run as a formula; --plain is RFC 4180 as it "
                + "stands. JSON Lines holds every field exactly.",
            "GeoJSON 与 GPX 为 WGS-84 的地点与轨迹；其他坐标系（GCJ-02）的地点不写出，作废的有标记。CSV 面向表格软件：带 BOM、CRLF、长代码保为文本、不会被当作公式；"
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

    @Option(
        help: ArgumentHelp(
            words(
                "Else by the file's name; GeoJSON to standard output.",
                "格式；缺省按文件名判断，标准输出为 GeoJSON。"
            )
        )
    )
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
        let isGeoJSON = file == "-" || ending == "json"
        guard let format = format ?? (isGeoJSON ? .geojson : Format(rawValue: ending)) else {
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
        let context = try CommandContext(options, isReading: true)
        let sink = try FileSink(file)
        let outcome = try export(format, RecordExport(context: context, sink: sink))
        try sink.finish()
        if outcome.withoutPlace > 0 {
            context.output.remark(Messages.leftWithoutPlace(outcome.withoutPlace))
        }
        guard file != "-" else { return }
        let size = SizeFormat.text(bytes: Int64(sink.count))
        context.output.line(Messages.exported(file, outcome.records, size), style: .green)
        context.output.json(
            .object([
                "file": .string(file), "records": .integer(Int64(outcome.records)),
                "withoutPlace": .integer(Int64(outcome.withoutPlace)),
                "bytes": .integer(Int64(sink.count)),
            ])
        )
    }

    private func export(_ format: Format, _ exporter: RecordExport) throws -> RecordExport.Outcome {
        switch format {
        case .geojson: return try exporter.geoJSON(try types(["finding", "trackSegment"]))
        case .csv:
            let chosen = try types(["finding"])
            guard chosen.count == 1 else {
                throw Failure.input(
                    Messages.field("--type", words("CSV holds one type", "CSV 只能含一种类型"))
                )
            }
            return try exporter.csv(chosen[0], dialect: plain ? .plain : .spreadsheet)
        case .gpx: return try exporter.gpx()
        case .jsonl: return try exporter.jsonLines(try types(["finding"]))
        }
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
