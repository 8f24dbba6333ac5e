import Replication

/// A small record type with one field of most policies.
struct Sighting: Record {
    var title = ""
    var priority = 0
    var method: String?
    var latitude: ScaledDecimal?
    var longitude: ScaledDecimal?
    var town: String?
    var tags: Set<String> = []
    var notes: [String: String] = [:]
    var hazard = 0
    var isCrime = false
    var visits: Int64 = 0
    var remark = ""
    var story = ""
    var handler: String?

    static let mapping = RecordMapping<Sighting>("sighting", number: 1, isLegalFact: true) {
        $0.field(1, "title", \.title, .lastWriter, query: [.indexed, .searchable])
        $0.field(2, "priority", \.priority, .lastWriter)
        $0.field(3, "method", \.method, .keepSiblings, query: .indexed)
        $0.decimal(4, "latitude", \.latitude, scale: 7, .keepSiblings)
        $0.decimal(5, "longitude", \.longitude, scale: 7, .keepSiblings)
        $0.field(6, "town", \.town, .keepSiblings, query: .indexed)
        $0.set(7, "tags", \.tags)
        $0.entries(8, "notes", \.notes)
        $0.field(9, "hazard", \.hazard, .maximum)
        $0.field(10, "isCrime", \.isCrime, .sticky)
        $0.counter(11, "visits", \.visits)
        $0.field(12, "remark", \.remark, .text(.concatenate))
        $0.field(13, "story", \.story, .text(.siblings), query: .searchable)
        $0.field(14, "handler", \.handler, .claim)
        $0.group(\.latitude, \.longitude)
        $0.scope(\.town)
        $0.place(latitude: \.latitude, longitude: \.longitude)
    }
}

/// Something that belongs to a sighting and goes where it goes.
struct Weighing: Record {
    var sighting: Reference<Sighting>?
    var grams = 0

    static let mapping = RecordMapping<Weighing>("weighing", number: 2, isLegalFact: true) {
        $0.field(1, "sighting", \.sighting, .keepSiblings, query: .indexed)
        $0.field(2, "grams", \.grams, .keepSiblings)
        $0.scope(of: \.sighting)
    }
}

/// Ordinary working data: it can be deleted.
struct Errand: Record {
    var what = ""

    static let mapping = RecordMapping<Errand>("errand", number: 3) {
        $0.field(1, "what", \.what, .lastWriter)
    }
}

enum TestSchema {
    static func make() throws -> Schema {
        try Schema(
            timeZoneMinutes: 480,
            records: [
                Sighting.mapping.schema, Weighing.mapping.schema, Errand.mapping.schema,
            ]
        )
    }

    /// A later version: errands have an urgency, and there is a type that the first does not know.
    static func newer() throws -> Schema {
        var errand = Errand.mapping.schema
        errand.fields.append(FieldSchema(2, "urgency", .text, .lastWriter))
        let novelty = RecordSchema(
            number: 9,
            name: "novelty",
            fields: [FieldSchema(1, "number", .integer, .maximum)]
        )
        return try Schema(
            version: 2,
            timeZoneMinutes: 480,
            records: [Sighting.mapping.schema, Weighing.mapping.schema, errand, novelty]
        )
    }

    /// With a type that only the hub writes.
    static func ruled() throws -> Schema {
        let rule = RecordSchema(
            number: 7,
            name: "rule",
            fields: [FieldSchema(1, "text", .text, .hubOnly)]
        )
        return try Schema(timeZoneMinutes: 480, records: make().records + [rule])
    }
}
