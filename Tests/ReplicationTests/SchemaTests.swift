import Replication
import Testing

struct SchemaTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let records: [RecordSchema]
        let message: String

        init(_ message: String, _ records: RecordSchema...) {
            self.records = records
            self.message = message
        }

        var testDescription: String { message }
    }

    private static func finding(
        _ fields: [FieldSchema],
        groups: [[UInt32]] = [],
        unlisted: RecordSchema.UnlistedFields? = nil,
        scope: RecordSchema.ScopeRule = .everyone,
        place: RecordSchema.Place? = nil
    ) -> RecordSchema {
        RecordSchema(
            number: 1,
            name: "finding",
            fields: fields,
            groups: groups,
            unlistedFields: unlisted,
            scope: scope,
            place: place
        )
    }

    private static let title = FieldSchema(1, "title", .text, .lastWriter)
    private static let state = FieldSchema(2, "state", .text, .lastWriter)
    private static let tags = FieldSchema(3, "tags", .text, .addWinsSet)
    private static let latitude = FieldSchema(4, "latitude", .scaled(6), .keepSiblings)

    private static func field(_ kind: FieldKind, _ policy: MergePolicy) -> RecordSchema {
        finding([FieldSchema(7, "odd", kind, policy)])
    }

    static let numbers = [
        Case(
            "schema: finding: number 0 is reserved",
            RecordSchema(number: 0, name: "finding", fields: [])
        ),
        Case(
            "schema: task: has the number 1 of finding",
            RecordSchema(number: 1, name: "finding", fields: []),
            RecordSchema(number: 1, name: "task", fields: [])
        ),
        Case(
            "schema: task: is declared twice",
            RecordSchema(number: 1, name: "task", fields: []),
            RecordSchema(number: 2, name: "task", fields: [])
        ),
        Case(
            "schema: Task: differs from task in upper and lower case only",
            RecordSchema(number: 1, name: "task", fields: []),
            RecordSchema(number: 2, name: "Task", fields: [])
        ),
        Case(
            "schema: task_DATA: has the name of a table that SQLite makes for the search of task",
            RecordSchema(number: 1, name: "task_DATA", fields: []),
            RecordSchema(number: 2, name: "task", fields: [])
        ),
        Case(
            "schema: task_rowid: has the name of a table",
            RecordSchema(number: 1, name: "task", fields: []),
            RecordSchema(number: 2, name: "task_rowid", fields: [])
        ),
        Case(
            "finding.TITLE: differs from title in upper and lower case only",
            finding([title, FieldSchema(9, "TITLE", .text, .lastWriter)])
        ),
        Case("names are 1 to 64", RecordSchema(number: 1, name: "", fields: [])),
        Case("names are 1 to 64", RecordSchema(number: 1, name: "发现", fields: [])),
        Case(
            "finding.a b: names are 1 to 64",
            finding([FieldSchema(1, "a b", .text, .lastWriter)])
        ),
        Case(
            "names are 1 to 64",
            finding([FieldSchema(1, String(repeating: "a", count: 65), .text, .lastWriter)])
        ),
        Case("finding.title: number 0", finding([FieldSchema(0, "title", .text, .lastWriter)])),
        Case(
            "finding.other: has the number 1 of title",
            finding([title, FieldSchema(1, "other", .text, .lastWriter)])
        ),
        Case(
            "finding.title: is declared twice",
            finding([title, FieldSchema(9, "title", .text, .lastWriter)])
        ),
    ]

    static let policies = [
        Case("finding.odd: scale 19 is over 18 digits", field(.scaled(19), .lastWriter)),
        Case("finding.odd: policy counter does not go with kind text", field(.text, .counter)),
        Case("policy counter does not go with kind timestamp", field(.timestamp, .counter)),
        Case("policy maximum does not go with kind text", field(.text, .maximum)),
        Case("policy minimum does not go with kind boolean", field(.boolean, .minimum)),
        Case("policy sticky does not go with kind integer", field(.integer, .sticky)),
        Case("does not go with kind json", field(.json, .text(.siblings))),
        Case(
            "schema: finding: unlisted fields hold one value each",
            finding([], unlisted: .init(kind: .text, policy: .growOnly))
        ),
        Case(
            "schema: finding: policy counter does not go with kind json",
            finding([], unlisted: .init(kind: .json, policy: .counter))
        ),
        Case(
            "unlisted fields are set and cannot be added to",
            finding([], unlisted: .init(kind: .integer, policy: .counter))
        ),
    ]

    static let relations = [
        Case("an atomic group needs two fields", finding([title], groups: [[1]])),
        Case(
            "names field 9, which this record has not; groups cannot reach across records",
            finding([title], groups: [[1, 9]])
        ),
        Case(
            "finding.title: stands in two atomic groups",
            finding([title, state], groups: [[1, 2], [2, 1]].map { $0.sorted() })
        ),
        Case(
            "finding.latitude: members of one atomic group need one policy",
            finding([title, latitude], groups: [[1, 4]])
        ),
        Case(
            "members of one atomic group need one policy",
            finding(
                [tags, FieldSchema(5, "more", .text, .addWinsSet)],
                groups: [[3, 5]]
            )
        ),
        Case(
            "an atomic group of 65 fields; 64 at most",
            finding(
                (1...65).map { FieldSchema($0, "f\($0)", .text, .lastWriter) },
                groups: [Array(1...65)]
            )
        ),
        Case(
            "finding.count: a scope is the text of a field by itself, not integer",
            finding([FieldSchema(1, "count", .integer, .lastWriter)], scope: .fields([1]))
        ),
        Case(
            "finding.title: a scope is the text of a field by itself",
            finding([title, state], groups: [[1, 2]], scope: .fields([1]))
        ),
        Case(
            "finding.title: a place is in degrees, scaled or real, not text",
            finding([title, latitude], place: .init(latitude: 4, longitude: 1))
        ),
        Case("names field 9, absent", finding([title], scope: .fields([9]))),
        Case("names field 9, absent", finding([title], scope: .parent(9))),
        Case("finding.tags: scope and place need single", finding([tags], scope: .fields([3]))),
        Case("finding.title: the scope's parent must be", finding([title], scope: .parent(1))),
        Case(
            "the scope's parent must be a reference to a type of this schema",
            finding([FieldSchema(1, "case", .reference(7), .lastWriter)], scope: .parent(1))
        ),
        Case(
            "names field 8, absent",
            finding([latitude], place: .init(latitude: 4, longitude: 8))
        ),
    ]

    @Test(arguments: numbers + policies + relations)
    func `a schema that contradicts itself is refused by name`(problem: Case) {
        do throws(SchemaError) {
            _ = try Schema(records: problem.records)
            Issue.record("accepted")
        } catch {
            #expect(error.description.hasPrefix("schema: "))
            #expect(error.description.contains(problem.message), "\(error)")
        }
    }

    @Test(arguments: [-1_441, 1_441, Int.min + 1, .max, .min])
    func `minutes that are no time zone are refused`(minutes: Int) {
        #expect(throws: SchemaError.self) {
            try Schema(timeZoneMinutes: minutes, records: [PolicyCase.schema()])
        }
    }

    @Test(arguments: [-1_440, 0, 1_440])
    func `minutes within a day are a time zone`(minutes: Int) throws {
        _ = try Schema(timeZoneMinutes: minutes, records: [PolicyCase.schema()])
    }

    @Test
    func `a group of 64 fields is the largest`() throws {
        let fields = (1...64).map { FieldSchema($0, "f\($0)", .text, .lastWriter) }
        _ = try Schema(records: [SchemaTests.finding(fields, groups: [Array(1...64)])])
    }

    @Test
    func `the tests' own record type is valid and found by number and name`() throws {
        let schema = try Schema(
            version: 3,
            timeZoneMinutes: 480,
            records: [
                PolicyCase.schema(),
                RecordSchema(number: 9, name: "task", fields: [SchemaTests.title]),
                RecordSchema(number: 4, name: "organ", fields: []),
            ]
        )
        #expect(schema.records.map(\.number) == [1, 4, 9])
        #expect(schema.record(4)?.name == "organ")
        #expect(schema.record(5) == nil)
        #expect(schema.record(named: "task")?.field(named: "title")?.number == 1)
        #expect(schema.record(named: "Task") == nil)
    }

    @Test
    func `an unknown slot keeps everything and has a name for people`() {
        let record = PolicyCase.schema()
        #expect(record.policy(of: SlotKey(99)) == .keepSiblings)
        #expect(record.name(of: SlotKey(99)) == "field 99")
        #expect(record.name(of: SlotKey(0, element: .text("wind"))) == "wind")
        #expect(record.name(of: PolicyCase.claim.slot()) == "claim")
        #expect(record.group(of: 14) == [13, 14])
        #expect(record.group(of: 1) == nil)
    }
}
