public import Replication

/// The district's schema.
///
/// Numbers of types and fields are for ever. Types leave gaps by area: 1–9 governance, 10–29
/// patrol and finding, 30–49 coordination, 50–69 cases, 80–89 more of the catalogue. Each field
/// has the policy of its class in the domain report: M1 records of their own or `growOnly`; M2
/// `keepSiblings` for what matters in law (`keepLeast` for deadlines) and `lastWriter` for what does
/// not; M4 `sticky`, `maximum`, `minimum`; M5 `hubOnly`; M6 `claim`; M8 `addWinsSet`; M9 is derived
/// and never stored; M10 legal facts, which are voided and not deleted.
///
/// Articles of 渔业法 are cited by the text in force from 2026-05-01.
public enum District {
    /// Minutes east of UTC: the district keeps China's time, all year.
    public static let timeZoneMinutes = 480

    /// The version of the schema; it grows with every published change.
    public static let schemaVersion: UInt32 = 1

    /// The record types.
    ///
    /// A schema that contradicts itself is a programmer's error and stops the program at its first
    /// use; a test makes it with `makeSchema()`.
    public static let schema: Schema = {
        do throws(SchemaError) {
            return try makeSchema()
        } catch {
            misuse(error.description)
        }
    }()

    /// Makes the schema.
    ///
    /// - Throws: `SchemaError` naming the record and field that contradict each other.
    public static func makeSchema() throws(SchemaError) -> Schema {
        try Schema(
            version: schemaVersion,
            timeZoneMinutes: timeZoneMinutes,
            records: catalogueRecords + patrolRecords + findingRecords
        )
    }

    /// The types that only the hub writes.
    static var catalogueRecords: [RecordSchema] {
        [
            Organ.mapping.schema, Town.mapping.schema, Officer.mapping.schema, Team.mapping.schema,
            Matter.mapping.schema, Water.mapping.schema, Closure.mapping.schema,
            CatalogueRelease.mapping.schema, ChecklistItem.mapping.schema, Species.mapping.schema,
        ]
    }

    private static var patrolRecords: [RecordSchema] {
        [Patrol.mapping.schema, Leg.mapping.schema, TrackSegment.mapping.schema]
    }

    private static var findingRecords: [RecordSchema] {
        [
            Finding.mapping.schema, Party.mapping.schema, Measurement.mapping.schema,
            SeizedItem.mapping.schema, Evidence.mapping.schema, Note.mapping.schema,
            SameAs.mapping.schema, CatchLine.mapping.schema, GearItem.mapping.schema,
        ]
    }
}

extension District {
    /// Whether a place lies in the district or within about ten kilometres of it.
    ///
    /// The box is that of the district's boundary (§6.1 of the domain report) with a margin of a tenth
    /// of a degree: for hints about typing, never for a decision.
    public static func isNear(longitude: Double, latitude: Double) -> Bool {
        (119.76...120.48).contains(longitude) && (30.51...31.07).contains(latitude)
    }
}
