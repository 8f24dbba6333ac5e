import Interchange
import Models
import Replication
import Yams

/// How the columns of a CSV or JSON Lines file become tracks: a mapping of type `track`.
///
/// ```yaml
/// type: track
/// kind: 水域                     # what the patrols watched over; without it nothing is said
/// transport: 步行                # how they moved; likewise
/// key: "{patrol_id}"            # points of one key are one track
/// gapMinutes: 60                # a longer silence begins a new segment; without it none does
/// fields:
///   time:      {column: fixtime, zone: "+03:00"}
///   latitude:  {column: lat, round: true}
///   longitude: {column: lon, round: true}
///   name:      {column: patrol_label}
/// ```
struct TrackMapping {
    private let file: MappingFile
    private let key: Template
    private let columns: [String: String]
    private let rounds: Bool
    private let date: DatePattern?
    private let zoneMinutes: Int
    private let gapMinutes: Int64?
    /// What the mapping says of all patrols.
    let circumstances: TrackImport.Circumstances
    let format: Mapping.Format?
    let delimiter: UInt8
    let encoding: TextEncoding

    init(_ file: MappingFile) throws {
        self.file = file
        key = try file.template("key")
        guard !key.columns.isEmpty else { throw file.failure("key", Messages.keyWithoutColumn) }
        circumstances = TrackImport.Circumstances(
            kind: file.optionalText("kind") ?? "",
            transport: file.optionalText("transport") ?? ""
        )
        format = try file.format()
        delimiter = try file.delimiter()
        encoding = try file.encoding()
        var columns: [String: String] = [:]
        var rounds = false
        var date: DatePattern?
        var zone = District.timeZoneMinutes
        for (name, node) in try file.entries("fields") {
            guard ["time", "latitude", "longitude", "name"].contains(name) else {
                throw file.failure(
                    "fields." + name,
                    Messages.wrong(Messages.isNo(name), "time, latitude, longitude, name"),
                    at: node
                )
            }
            let options = try file.options(
                node,
                of: "fields." + name,
                known: ["column", "date", "zone", "round"]
            )
            guard let column = options["column"]?.string else {
                throw file.failure("fields." + name, Messages.needsOneSource, at: node)
            }
            columns[name] = column
            if options["round"]?.bool == true { rounds = true }
            if let pattern = options["date"]?.string {
                guard let read = DatePattern(pattern) else {
                    throw file.failure("fields." + name, Messages.noDatePattern(pattern), at: node)
                }
                date = read
            }
            if let text = options["zone"]?.string {
                guard let minutes = DatePattern.zoneMinutes(text) else {
                    throw file.failure("fields." + name, Messages.isNo(text), at: node)
                }
                zone = minutes
            }
        }
        for name in ["time", "latitude", "longitude"] where columns[name] == nil {
            throw file.failure("fields." + name, Messages.isMissing)
        }
        self.columns = columns
        self.rounds = rounds
        self.date = date
        zoneMinutes = zone
        gapMinutes = try file.optionalText("gapMinutes")
            .map { text in
                guard let minutes = Int64(text), (1...1_000_000).contains(minutes) else {
                    throw file.failure("gapMinutes", Messages.wrong(Messages.isNo(text), "60"))
                }
                return minutes
            }
    }

    /// Reads the tracks of a file, each with its points in the order of the file.
    func read(_ data: ImportFile) throws -> TrackReading {
        var reading = TrackReading()
        var places: [String: Int] = [:]
        var points: [[TrackPoint]] = []
        var faults: [String] = []
        let names = Array(columns.values) + key.columns
        try data.forEachRow(columns: names) { row, _ in
            do {
                let point = try self.point(row, data.path)
                let key = try self.key(of: row, data.path)
                if places[key] == nil {
                    places[key] = points.count
                    points.append([])
                    let name = columns["name"].flatMap { row.value($0) } ?? key
                    reading.tracks.append(.init(name: name, key: key, segments: []))
                }
                if !point.isExact { reading.roundedPoints += 1 }
                points[places[key] ?? 0].append(point.point)
            } catch let failure as Failure {
                if faults.count < RecordImport.faultsMax { faults.append(failure.message) }
            }
        }
        guard faults.isEmpty else {
            throw Failure.input((faults + [Messages.nothingImported]).joined(separator: "\n"))
        }
        for index in points.indices {
            reading.tracks[index].segments =
                gapMinutes.map { TrackFile.split(points[index], gapMilliseconds: $0 * 60_000) }
                ?? [points[index]]
        }
        return reading
    }

    private func key(of row: any ImportRow, _ path: String) throws -> String {
        let label = key.columns.joined(separator: ", ")
        guard key.columns.allSatisfy({ !(row.value($0) ?? "").isEmpty }) else {
            throw Failure.input(Messages.line(path, row.line, label, Messages.keyEmpty))
        }
        let text = key.text(AnyRow(row))
        // Shorter than a name may be: the names of the leg and its segments begin with it.
        guard !text.utf8.contains(0), text.utf8.count <= 900 else {
            throw Failure.input(Messages.line(path, row.line, label, Messages.keyUnfit))
        }
        return text
    }

    private func point(
        _ row: any ImportRow,
        _ path: String
    ) throws -> (point: TrackPoint, isExact: Bool) {
        func text(_ name: String) -> String { row.value(columns[name] ?? "") ?? "" }
        func fault(_ name: String, _ problem: String) -> Failure {
            .input(Messages.line(path, row.line, columns[name] ?? name, problem))
        }
        let place: Coordinate.Reading
        do {
            place = try Coordinate.parse(
                latitude: text("latitude"),
                longitude: text("longitude")
            )
        } catch {
            let name = error.field == "lon" ? "longitude" : "latitude"
            throw fault(name, Messages.wrong(error.message, error.expected))
        }
        guard place.isExact || rounds else {
            throw fault(
                "latitude",
                words(
                    "has more than 7 digits after the point; say round: true",
                    "小数超过 7 位；请写明 round: true"
                )
            )
        }
        let milliseconds: Int64
        if let date {
            guard let read = date.milliseconds(text("time"), zoneMinutes: zoneMinutes) else {
                throw fault("time", Messages.noDate(text("time")))
            }
            milliseconds = read
        } else {
            var parser = FieldParser(catalogue: nil)
            parser.zoneMinutes = zoneMinutes
            do { milliseconds = try parser.time(text("time")) } catch {
                throw fault("time", error.description)
            }
        }
        guard (0...253_402_300_799_999).contains(milliseconds) else {
            throw fault("time", Messages.noDate(text("time")))
        }
        return (TrackFile.point(milliseconds, place.coordinate), place.isExact)
    }
}
