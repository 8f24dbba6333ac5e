import Replication

/// The record types of simulated fleets: few fields, every policy that devices can write, and every
/// kind of scope.
enum FleetSchema {
    static let finding: UInt32 = 1
    static let measurement: UInt32 = 2
    static let errand: UInt32 = 3
    /// Since version 2.
    static let sighting: UInt32 = 4

    /// The version of today.
    static let version: UInt32 = 2

    /// Fields of a finding.
    enum Field {
        static let title: UInt32 = 1
        static let priority: UInt32 = 2
        static let method: UInt32 = 3
        static let latitude: UInt32 = 4
        static let longitude: UInt32 = 5
        static let town: UInt32 = 6
        static let tags: UInt32 = 7
        static let notes: UInt32 = 8
        static let hazard: UInt32 = 9
        static let crime: UInt32 = 10
        static let visits: UInt32 = 11
        static let deadline: UInt32 = 12
        static let story: UInt32 = 13
        static let lead: UInt32 = 14
        static let verdict: UInt32 = 15
        /// Since version 2.
        static let tide: UInt32 = 16
        static let grade: UInt32 = 17
    }

    /// Makes the schema of a version.
    static func make(version: UInt32 = FleetSchema.version) throws -> Schema {
        let records = [findingRecord(version), measurementRecord, errandRecord]
        return try Schema(
            version: version,
            timeZoneMinutes: 480,
            records: version < 2 ? records : records + [sightingRecord]
        )
    }

    private static func findingRecord(_ version: UInt32) -> RecordSchema {
        let since2 = [
            FieldSchema(Field.tide, "tide", .integer, .lastWriter),
            FieldSchema(Field.grade, "grade", .text, .keepSiblings, query: .indexed),
        ]
        return RecordSchema(
            number: finding,
            name: "finding",
            fields: [
                FieldSchema(Field.title, "title", .text, .lastWriter, query: .searchable),
                FieldSchema(Field.priority, "priority", .integer, .lastWriter, query: .indexed),
                FieldSchema(Field.method, "method", .text, .keepSiblings, query: .indexed),
                FieldSchema(Field.latitude, "latitude", .scaled(7), .keepSiblings),
                FieldSchema(Field.longitude, "longitude", .scaled(7), .keepSiblings),
                FieldSchema(Field.town, "town", .text, .keepSiblings, query: .indexed),
                FieldSchema(Field.tags, "tags", .text, .addWinsSet),
                FieldSchema(Field.notes, "notes", .text, .growOnly),
                FieldSchema(Field.hazard, "hazard", .integer, .maximum),
                FieldSchema(Field.crime, "crime", .boolean, .sticky),
                FieldSchema(Field.visits, "visits", .integer, .counter),
                FieldSchema(Field.deadline, "deadline", .timestamp, .minimum),
                FieldSchema(Field.story, "story", .text, .text(.siblings)),
                FieldSchema(Field.lead, "lead", .text, .claim),
                FieldSchema(Field.verdict, "verdict", .text, .hubOnly),
            ] + (version < 2 ? [] : since2),
            groups: [[Field.latitude, Field.longitude]],
            scope: .fields([Field.town]),
            isLegalFact: true
        )
    }

    private static var measurementRecord: RecordSchema {
        RecordSchema(
            number: measurement,
            name: "measurement",
            fields: [
                FieldSchema(1, "finding", .reference(finding), .keepSiblings, query: .indexed),
                FieldSchema(2, "grams", .integer, .keepSiblings),
            ],
            scope: .parent(1),
            isLegalFact: true
        )
    }

    private static var errandRecord: RecordSchema {
        RecordSchema(
            number: errand,
            name: "errand",
            fields: [FieldSchema(1, "what", .text, .keepSiblings)]
        )
    }

    private static var sightingRecord: RecordSchema {
        RecordSchema(
            number: sighting,
            name: "sighting",
            fields: [FieldSchema(1, "what", .text, .keepSiblings)]
        )
    }

    /// The key of a town, from 0.
    static func town(_ number: Int) -> String { "33050210\(number)" }

    /// The scope of a town, as a device subscribes to it.
    static func scope(_ number: Int) -> String { "town=" + town(number) }

    /// A text that stands in records of this town only, and nowhere else.
    static func canary(_ number: Int) -> String { canaryPrefix + "\(number)-kept-apart" }

    static let canaryPrefix = "canary-of-town-"
}
