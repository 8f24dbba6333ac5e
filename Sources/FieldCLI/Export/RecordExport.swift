import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// Writes records in exchange formats, in the order of arrival.
struct RecordExport {
    let context: CommandContext

    private func views(_ schema: RecordSchema) throws -> [(key: RecordKey, view: RecordView)] {
        try context.replica.read { reading in
            try reading.records(RecordQuery(schema))
                .compactMap { key in
                    try reading.view(key).map { (key, $0) }
                }
        }
    }

    // MARK: JSON Lines and CSV

    /// One record a line, every field exactly.
    func jsonLines(_ schemas: [RecordSchema]) throws -> ([UInt8], Int) {
        let writer = JSONWriter(style: .compact)
        var bytes: [UInt8] = []
        var count = 0
        for schema in schemas {
            for (key, view) in try views(schema) {
                writer.write(RecordJSON.value(key, view, in: schema), to: &bytes)
                bytes.append(UInt8(ascii: "\n"))
                count += 1
            }
        }
        return (bytes, count)
    }

    /// One record a row, one field a column; members of sets parted by semicolons.
    func csv(_ schema: RecordSchema, dialect: CSVDialect) throws -> ([UInt8], Int) {
        var writer = CSVWriter(dialect: dialect)
        try writer.append(["id", "lifecycle", "conflicts"] + schema.fields.map(\.name))
        var count = 0
        var bytes: [UInt8] = []
        for (key, view) in try views(schema) {
            let conflicts = RecordJSON.conflictNames(view, in: schema).joined(separator: ";")
            var row = [ShortReference.full(key), RecordJSON.name(of: view.lifecycle), conflicts]
            for field in schema.fields { row.append(cell(view, field, schema)) }
            try writer.append(row)
            bytes += writer.takeBytes()
            count += 1
        }
        return (bytes + writer.takeBytes(), count)
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
    func geoJSON(_ schemas: [RecordSchema]) throws -> ([UInt8], Int) {
        var features: [GeoJSONFeature] = []
        for schema in schemas {
            for (key, view) in try views(schema) {
                features.append(try feature(key, view, schema))
            }
        }
        return (try GeoJSONWriter().bytes(of: features), features.count)
    }

    private func feature(
        _ key: RecordKey,
        _ view: RecordView,
        _ schema: RecordSchema
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
        return GeoJSONFeature(
            identifier: .string(ShortReference.full(key)),
            geometry: try geometry(view, schema),
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
    func gpx() throws -> ([UInt8], Int) {
        var document = GPXDocument(creator: "field")
        for finding in try context.replica.records(of: Finding.self) {
            guard let place = finding.record.position else { continue }
            document.waypoints.append(
                GPXPoint(
                    coordinate: try Coordinate(
                        latitude: place.latitude.units,
                        longitude: place.longitude.units
                    ),
                    time: finding.record.observedAt?.milliseconds,
                    name: finding.record.title.isEmpty
                        ? ShortReference.text(finding.reference.key) : finding.record.title
                )
            )
        }
        let segments = try context.replica.records(of: TrackSegment.self)
        let legs = try context.replica.records(of: Leg.self)
        for patrol in try context.replica.records(of: Patrol.self) {
            let own = legs.filter { $0.record.patrol == patrol.reference }.map(\.reference)
            var track = GPXTrack(
                name: patrol.record.objective.isEmpty
                    ? ShortReference.text(patrol.reference.key) : patrol.record.objective
            )
            for segment in segments where segment.record.leg.map(own.contains) ?? false {
                let points = try segment.record.decodedPoints()
                    .map {
                        GPXPoint(coordinate: try coordinate($0), time: $0.time.milliseconds)
                    }
                track.segments.append(GPXSegment(points: points))
            }
            if !track.segments.isEmpty { document.tracks.append(track) }
        }
        let count = document.waypoints.count + document.tracks.count
        return (try GPXWriter().bytes(of: document), count)
    }

    private func coordinate(_ point: TrackPoint) throws -> Coordinate {
        try Coordinate(latitude: point.latitude.units, longitude: point.longitude.units)
    }
}
