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
                + "changes nothing.",
            "轨迹点写作 经度,纬度 或 经度,纬度@时间。文件可为 GPX 1.1 或 NMEA 0183；重复读取不会产生变化。"
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
        var written = 0
        let keys = try context.replica.write { transaction -> [RecordKey] in
            try segments.map { points in
                let segment = try TrackSegment(
                    leg: leg.reference,
                    device: context.device.device,
                    points: points
                )
                let name = "\(leg.reference.id)/\(TrackNames.digest(segment.points))"
                let reference = Reference<TrackSegment>(.named(name))
                if try transaction.view(reference.key) == nil {
                    try transaction.insert(segment, named: name)
                    written += 1
                }
                return reference.key
            }
        }
        let count = segments.reduce(0) { $0 + $1.count }
        context.output.line(
            Messages.trackAdded(points: count, segments: keys.count, new: written),
            style: .green
        )
        if skipped > 0 { context.output.line(Messages.pointsWithoutTime(skipped), style: .yellow) }
        try context.reportWaiting()
        try context.output.json(
            try context.written(
                leg.reference.key,
                [
                    "points": .integer(Int64(count)), "segments": .integer(Int64(keys.count)),
                    "new": .integer(Int64(written)),
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
