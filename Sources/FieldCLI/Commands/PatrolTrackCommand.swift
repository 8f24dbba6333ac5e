import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field patrol track`.
struct PatrolTrackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: words("Add points to the track of the leg.", "为当前段添加轨迹点。"),
        discussion: words(
            "A point is lon,lat or lon,lat@time. A file is GPX 1.1 or NMEA 0183; reading it again "
                + "changes nothing, and of one that grew what is new is added.",
            "轨迹点写作 经度,纬度 或 经度,纬度@时间。文件可为 GPX 1.1 或 NMEA 0183；重复读取不会产生变化，变长的只补新点。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(
        help: ArgumentHelp(words("Points.", "轨迹点。"), valueName: "lon,lat[@time]")
    )
    var points: [String] = []

    @Option(
        help: ArgumentHelp(words("A GPX or NMEA file.", "GPX 或 NMEA 文件。")),
        completion: .file(extensions: ["gpx", "nmea", "log", "txt"])
    )
    var file: String?

    func validate() throws {
        guard points.isEmpty != (file == nil) else {
            throw ValidationError(words("Give points or --file.", "请给出轨迹点或 --file 之一。"))
        }
    }

    func run() throws {
        let context = try CommandContext(options)
        let finder = PatrolFinder(context)
        let patrol = try finder.required()
        guard let leg = try finder.leg(of: patrol.key) else {
            throw Failure.input(Messages.noPatrol)
        }
        var segments: [[TrackPoint]]
        var skipped = 0
        if let file {
            let reading = try TrackFile.read(file)
            segments = reading.tracks.flatMap(\.segments)
            skipped = reading.pointsWithoutTime
        } else {
            segments = [try points.map { try point($0, context) }.sorted { $0.time < $1.time }]
        }
        segments = segments.filter { !$0.isEmpty }
        guard !segments.isEmpty else { throw Failure.input(Messages.noPoints(file ?? "")) }
        let writer = TrackWriter(context: context)
        let (missing, outcome): ([TrackSegment], TrackWriter.Outcome)
        do {
            var present = try writer.present(of: leg.reference)
            (missing, outcome) = try writer.missing(
                segments,
                present: &present,
                leg: leg.reference
            )
        } catch let error as TrackPointsError {
            throw Failure.input(Messages.file(file ?? "track", "\(error)"))
        }
        for segments in TrackWriter.changes(of: missing) {
            try context.replica.write { transaction in
                try TrackWriter.insert(segments, under: "\(leg.reference.id)", transaction)
            }
        }
        context.output.line(Messages.trackAdded(outcome), style: .green)
        if skipped > 0 { context.output.line(Messages.pointsWithoutTime(skipped), style: .yellow) }
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                leg.reference.key,
                [
                    "points": .integer(Int64(outcome.points)),
                    "newPoints": .integer(Int64(outcome.newPoints)),
                    "segments": .integer(Int64(outcome.newSegments)),
                    "new": .integer(Int64(outcome.newSegments)),
                ]
            )
        )
    }

    private func point(_ text: String, _ context: CommandContext) throws -> TrackPoint {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        let (latitude, longitude) = try ArgumentText.place(parts.first ?? "")
        let reading = try Coordinate.parse(latitude: latitude, longitude: longitude)
        let time = try TimeOption.time(parts.count > 1 ? parts[1] : nil, "track", context)
        return TrackPoint(
            time: time,
            latitude: .init(units: reading.coordinate.latitude),
            longitude: .init(units: reading.coordinate.longitude)
        )
    }
}
