import Interchange
import Models
import Replication
import SyncCore

/// Writes records in exchange formats, in the order of arrival, a record at a time.
struct RecordExport {
    /// What an export did.
    struct Outcome {
        /// How many records were written.
        var records = 0
        /// How many of them went without their place, because its datum is another one.
        var withoutPlace = 0
    }

    let context: CommandContext
    let sink: FileSink

    private func forEach(
        _ schema: RecordSchema,
        _ body: (RecordKey, RecordView) throws -> Void
    ) throws {
        try context.replica.read { try RecordExport.forEach(schema, in: $0, body) }
    }

    private static func forEach(
        _ schema: RecordSchema,
        in reading: Reading,
        _ body: (RecordKey, RecordView) throws -> Void
    ) throws {
        for key in try reading.records(RecordQuery(schema)) {
            if let view = try reading.view(key) { try body(key, view) }
        }
    }

    // MARK: JSON Lines and CSV

    /// One record a line, every field exactly.
    func jsonLines(_ schemas: [RecordSchema]) throws -> Outcome {
        let writer = JSONWriter(style: .compact)
        var outcome = Outcome()
        for schema in schemas {
            try forEach(schema) { key, view in
                var bytes: [UInt8] = []
                writer.write(RecordJSON.value(key, view, in: schema), to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
                try sink.append(bytes)
                outcome.records += 1
            }
        }
        return outcome
    }

    /// One record a row, one field a column; members of sets parted by semicolons.
    func csv(_ schema: RecordSchema, dialect: CSVDialect) throws -> Outcome {
        var writer = CSVWriter(dialect: dialect)
        try writer.append(["id", "lifecycle", "conflicts"] + schema.fields.map(\.name))
        var outcome = Outcome()
        try forEach(schema) { key, view in
            let conflicts = RecordJSON.conflictNames(view, in: schema).joined(separator: ";")
            var row = [ShortReference.full(key), RecordJSON.name(of: view.lifecycle), conflicts]
            for field in schema.fields { row.append(cell(view, field, schema)) }
            try writer.append(row)
            try sink.append(writer.takeBytes())
            outcome.records += 1
        }
        try sink.append(writer.takeBytes())
        return outcome
    }

    private func cell(_ view: RecordView, _ field: FieldSchema, _ schema: RecordSchema) -> String {
        switch field.policy {
        case .addWinsSet:
            view.members(of: field.number).compactMap { $0.slot.element }
                .map { ValueText.plain($0, of: field) }.joined(separator: ";")
        case .growOnly:
            view.members(of: field.number).map { ValueText.plain($0.value, of: field) }
                .joined(separator: ";")
        default: ValueText.plain(view.value(of: field.number, in: schema), of: field)
        }
    }

    // MARK: Places

    /// Findings as points, track segments as lines.
    func geoJSON(_ schemas: [RecordSchema]) throws -> Outcome {
        let writer = GeoJSONWriter()
        var outcome = Outcome()
        try sink.append("{\"type\":\"FeatureCollection\",\"features\":[".utf8)
        for schema in schemas {
            try forEach(schema) { key, view in
                let isForeign = isOfForeignDatum(view, schema)
                if outcome.records > 0 { try sink.append(",\n".utf8) }
                try sink.append(try writer.bytes(of: try feature(key, view, schema, isForeign)))
                outcome.records += 1
                outcome.withoutPlace += isForeign ? 1 : 0
            }
        }
        try sink.append("]}\n".utf8)
        return outcome
    }

    /// Whether the place is in a datum that neither format means.
    ///
    /// GeoJSON and GPX are WGS-84, and CGCS2000 equals it at the accuracy of a phone. No exact rule
    /// leads from another one to it, so such a place is left out and not moved.
    private func isOfForeignDatum(_ view: RecordView, _ schema: RecordSchema) -> Bool {
        guard let field = schema.field(named: "datum"),
            case .text(let name) = view.value(of: field.number, in: schema), !name.isEmpty
        else { return false }
        return ![GeodeticDatum.wgs84, .cgcs2000].contains(GeodeticDatum(name))
    }

    private func feature(
        _ key: RecordKey,
        _ view: RecordView,
        _ schema: RecordSchema,
        _ isOfForeignDatum: Bool
    ) throws -> GeoJSONFeature {
        var properties: JSONObject = [
            "reference": .string(ShortReference.text(key)), "type": .string(schema.name),
            "lifecycle": .string(RecordJSON.name(of: view.lifecycle)),
            "conflict": .boolean(!view.conflicts.isEmpty),
            "conflicts": .array(RecordJSON.conflictNames(view, in: schema).map { .string($0) }),
        ]
        for member in RecordJSON.fields(view, in: schema).members where member.key != "points" {
            properties[member.key] = member.value
        }
        if isOfForeignDatum { properties["placeLeftOut"] = "datum" }
        return GeoJSONFeature(
            identifier: .string(ShortReference.full(key)),
            geometry: isOfForeignDatum ? nil : try geometry(view, schema),
            properties: properties
        )
    }

    private func geometry(_ view: RecordView, _ schema: RecordSchema) throws -> GeoJSONGeometry? {
        if schema.number == TrackSegment.mapping.schema.number {
            let segment = TrackSegment.mapping.record(from: view)
            let positions = try segment.decodedPoints()
                .map { GeoJSONPosition(coordinate: try coordinate($0)) }
            switch positions.count {
            case 0: return nil
            case 1: return .point(positions[0])
            default: return .line(positions)
            }
        }
        guard let place = schema.place,
            case .scaled(let latitude) = view.value(of: place.latitude, in: schema),
            case .scaled(let longitude) = view.value(of: place.longitude, in: schema)
        else { return nil }
        return .point(
            GeoJSONPosition(coordinate: try Coordinate(latitude: latitude, longitude: longitude))
        )
    }

    /// Tracks by patrol, findings as waypoints.
    func gpx() throws -> Outcome {
        let writer = GPXWriter()
        var outcome = Outcome()
        try sink.append(try writer.beginning(of: GPXDocument(creator: "field")))
        let schema = Finding.mapping.schema
        try forEach(schema) { key, view in
            let finding = Finding.mapping.record(from: view)
            guard let place = finding.position else { return }
            guard !isOfForeignDatum(view, schema) else {
                outcome.withoutPlace += 1
                return
            }
            let title = finding.title.isEmpty ? ShortReference.text(key) : finding.title
            let point = GPXPoint(
                coordinate: try Coordinate(
                    latitude: place.latitude.units,
                    longitude: place.longitude.units
                ),
                time: finding.observedAt?.milliseconds,
                name: RecordExport.marked(title, view)
            )
            try sink.append(try writer.waypoint(point))
            outcome.records += 1
        }
        try context.replica.read { reading in
            let legs = Dictionary(grouping: try reading.all(Leg.self), by: \.record.patrol)
            try RecordExport.forEach(Patrol.mapping.schema, in: reading) { key, view in
                let patrol = Patrol.mapping.record(from: view)
                let title = patrol.objective.isEmpty ? ShortReference.text(key) : patrol.objective
                var track = GPXTrack(name: RecordExport.marked(title, view))
                for leg in legs[Reference<Patrol>(key.id)] ?? [] {
                    track.segments += try segments(of: leg.reference, in: reading, &outcome)
                }
                guard !track.segments.isEmpty else { return }
                try sink.append(try writer.track(track))
                outcome.records += 1
            }
        }
        try sink.append(writer.end)
        return outcome
    }

    private func segments(
        of leg: Reference<Leg>,
        in reading: Reading,
        _ outcome: inout Outcome
    ) throws -> [GPXSegment] {
        let schema = TrackSegment.mapping.schema
        var query = RecordQuery(schema)
        query.conditions = [.equals("leg", .reference(leg.key))]
        return try reading.all(TrackSegment.self, where: query)
            .compactMap { _, segment in
                guard [GeodeticDatum.wgs84, .cgcs2000].contains(segment.datum) else {
                    outcome.withoutPlace += 1
                    return nil
                }
                return GPXSegment(
                    points: try segment.decodedPoints()
                        .map {
                            GPXPoint(coordinate: try coordinate($0), time: $0.time.milliseconds)
                        }
                )
            }
    }

    /// A name that says that its record is void: GPX has no place of its own for it.
    private static func marked(_ name: String, _ view: RecordView) -> String {
        view.lifecycle == .voided ? "[作废 void] " + name : name
    }

    private func coordinate(_ point: TrackPoint) throws -> Coordinate {
        try Coordinate(latitude: point.latitude.units, longitude: point.longitude.units)
    }
}
