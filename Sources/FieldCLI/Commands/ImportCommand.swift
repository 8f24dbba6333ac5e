import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field import`.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: words(
            "Bring in CSV, JSON Lines, GPX or NMEA files.",
            "导入 CSV、JSON Lines、GPX 或 NMEA 文件。"
        ),
        discussion: words(
            """
            The whole file is checked first; with a fault nothing is written. Importing a file again \
            changes nothing; of a track that grew, what is new is added. A file may be packed (.gz). A \
            finding or patrol without town or organ gets this device's. CSV and JSON Lines need a mapping in YAML:

              type: finding                    # a record type, or track
              key: "old/{Number}"              # names each record
              fields:
                title:      {column: Name}
                town:       {constant: "330502105"}
                observedAt: {column: Date, date: yyyy-MM-dd, zone: "+08:00"}
                latitude:   {column: Lat, round: true}
                remark:     {template: "{Street}, {City}"}
                status:     {column: State, values: {done: 已办结}}
                tags:       {column: Labels, split: ";"}
              skip:
                - {column: Lat, empty: true}
                - {column: State, is: cancelled}

            Further: `required: true` on a field, `duplicates: first`, `delimiter`, `format: jsonl`, \
            `encoding: gbk`; for tracks the fields time, latitude, longitude, name, and `gapMinutes`, `kind`, `transport`.
            """,
            """
            先检查整个文件，有误则不写入任何内容；重复导入同一文件不会产生变化，变长的轨迹只补新点。\
            文件可为 .gz 压缩。没有镇街或单位的发现、巡查取本机的。CSV 与 JSON Lines 需要 YAML 映射：

              type: finding                    # 记录类型，或 track（轨迹）
              key: "old/{编号}"                # 由列值产生记录名
              fields:
                title:      {column: 名称}
                town:       {constant: "330502105"}
                observedAt: {column: 日期, date: yyyy-MM-dd, zone: "+08:00"}
                latitude:   {column: 纬度, round: true}
                remark:     {template: "{街道}, {城市}"}
                status:     {column: 状态, values: {done: 已办结}}
                tags:       {column: 标签, split: ";"}
              skip:
                - {column: 纬度, empty: true}
                - {column: 状态, is: 作废}

            另有：字段的 required: true，以及 duplicates: first、delimiter、format: jsonl、encoding: gbk；\
            轨迹的字段为 time、latitude、longitude、name，另有 gapMinutes、kind、transport。
            """
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The file.", "文件。")), completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            words("The mapping, for CSV and JSON Lines.", "映射文件（CSV 与 JSON Lines）。")
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var mapping: String?

    @Flag(
        help: ArgumentHelp(
            words("Write fields that differ to records that are here.", "以文件内容更新已有记录。")
        )
    )
    var update = false

    @Option(
        help: ArgumentHelp(
            words(
                "What the patrols of tracks watched over: 水域, 街面, 工地, 燃气; else unset.",
                "轨迹所属巡查的类型：水域、街面、工地、燃气；缺省不填。"
            )
        )
    )
    var kind: String?

    @Option(
        help: ArgumentHelp(
            words("How they moved: 执法艇, 步行, 执法车 …; else unset.", "交通方式：执法艇、步行、执法车……；缺省不填。")
        )
    )
    var transport: String?

    @Flag(help: ArgumentHelp(words("Only check the file.", "仅检查文件。")))
    var dryRun = false

    func run() throws {
        guard FileManager.default.fileExists(atPath: file) else {
            throw Failure.input(
                Messages.file(file, words("there is no such file", "没有这个文件"))
            )
        }
        if mapping == nil {
            guard TrackFile.isTrack(file) else { throw Failure.input(Messages.needsMappingFile) }
            let reading = try TrackFile.read(file)
            return try importTracks(reading, .init(), try CommandContext(options))
        }
        let mappingFile = try MappingFile(path: mapping ?? "")
        if try mappingFile.text("type") == "track" {
            let tracks = try TrackMapping(mappingFile)
            let data = try ImportFile(
                path: file,
                format: tracks.format,
                delimiter: tracks.delimiter,
                encoding: tracks.encoding
            )
            let reading = try tracks.read(data)
            return try importTracks(
                reading,
                tracks.circumstances,
                try CommandContext(options)
            )
        }
        try importRecords(try Mapping(mappingFile))
    }

    private func importRecords(_ mapping: Mapping) throws {
        let context = try CommandContext(options)
        let progress = ProgressLine()
        defer { progress.end() }
        let importer = RecordImport(
            mapping: mapping,
            file: try ImportFile(
                path: file,
                format: mapping.format,
                delimiter: mapping.delimiter,
                encoding: mapping.encoding
            ),
            context: context,
            catalogue: try context.catalogue(),
            updates: update,
            progress: progress
        )
        let count = try importer.check()
        if dryRun {
            progress.end()
            context.output.line(Messages.checked(file, count), style: .green)
            return context.output.json(
                .object(["file": .string(file), "rows": .integer(Int64(count))])
            )
        }
        let outcome = try importer.write(count: count)
        progress.end()
        context.output.line(Messages.imported(file, outcome), style: .green)
        try context.reportWaiting()
        let waiting = try context.replica.status().waitingChanges
        context.output.json(
            .object([
                "file": .string(file), "rows": .integer(Int64(outcome.rows)),
                "new": .integer(Int64(outcome.new)),
                "updated": .integer(Int64(outcome.updated)),
                "present": .integer(Int64(outcome.present)),
                "skipped": .integer(Int64(outcome.skipped)),
                "duplicates": .integer(Int64(outcome.duplicates)),
                "waiting": .integer(Int64(waiting)),
            ])
        )
    }

    private func importTracks(
        _ reading: TrackReading,
        _ mapped: TrackImport.Circumstances,
        _ context: CommandContext
    ) throws {
        guard !reading.tracks.isEmpty else { throw Failure.input(Messages.noPoints(file)) }
        let output = context.output
        let progress = ProgressLine()
        defer { progress.end() }
        let importer = TrackImport(
            context: context,
            path: file,
            circumstances: TrackImport.Circumstances(
                kind: kind ?? mapped.kind,
                transport: transport ?? mapped.transport
            ),
            progress: progress
        )
        let outcome =
            try dryRun ? importer.check(reading.tracks) : importer.write(reading.tracks)
        progress.end()
        if dryRun {
            output.line(Messages.checked(file, outcome.points), style: .green)
        } else {
            output.line(Messages.importedTracks(file, outcome), style: .green)
        }
        if reading.pointsWithoutTime > 0 {
            output.line(Messages.pointsWithoutTime(reading.pointsWithoutTime), style: .yellow)
        }
        if reading.waypoints > 0 {
            output.line(Messages.waypointsLeftOut(reading.waypoints), style: .yellow)
        }
        if reading.roundedPoints > 0 {
            output.line(Messages.rounded(reading.roundedPoints), style: .dim)
        }
        for problem in reading.problems { output.line("  " + problem, style: .dim) }
        if !dryRun { try context.reportWaiting() }
        let waiting = try context.replica.status().waitingChanges
        output.json(
            .object([
                "file": .string(file), "written": .boolean(!dryRun),
                "tracks": .integer(Int64(outcome.tracks)),
                "new": .integer(Int64(outcome.newTracks)),
                "segments": .integer(Int64(outcome.segments)),
                "points": .integer(Int64(outcome.points)),
                "newPoints": .integer(Int64(outcome.newPoints)),
                "presentPoints": .integer(Int64(outcome.points - outcome.newPoints)),
                "pointsWithoutTime": .integer(Int64(reading.pointsWithoutTime)),
                "waypoints": .integer(Int64(reading.waypoints)),
                "rounded": .integer(Int64(reading.roundedPoints)),
                "waiting": .integer(Int64(waiting)),
            ])
        )
    }
}
