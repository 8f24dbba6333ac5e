import Replication
import Testing

/// A struct and what is recorded of it.
struct RecordMappingTests {
    private struct Survey: Record, Hashable {
        var title = ""
        var note: String?
        var status = "open"
        var nets = 0
        var isClosed = false
        var photo: [UInt8] = []
        var tags: Set<String> = ["new"]
        var notes: [String: String] = [:]
        var visits: Int64 = 7

        static let mapping = RecordMapping<Survey>("survey", number: 1) {
            $0.field(1, "title", \.title, .lastWriter)
            $0.field(2, "note", \.note, .lastWriter)
            $0.field(3, "status", \.status, .lastWriter)
            $0.field(4, "nets", \.nets, .lastWriter)
            $0.field(5, "isClosed", \.isClosed, .sticky)
            $0.field(6, "photo", \.photo, .lastWriter)
            $0.set(7, "tags", \.tags)
            $0.entries(8, "notes", \.notes)
            $0.counter(9, "visits", \.visits)
        }
    }

    private static func resolved(
        _ edits: [Edit],
        on state: RecordState = RecordState()
    ) throws(EditError) -> [Operation.Action] {
        let resolution = EditResolution(schema: Survey.mapping.schema, replica: People.alice)
        return try resolution.actions(for: edits, on: state) {
            RecordView(of: $0, schema: Survey.mapping.schema)
        }
    }

    private static func apply(_ actions: [Operation.Action], to state: inout RecordState) {
        let dot = Dot(People.alice, UInt64(state.marks.count) + 1)
        state.apply(
            actions,
            stamp: Stamp(dot: dot, sequence: nil, timestamp: .origin, author: ""),
            past: CausalPast(of: dot, context: CausalContext()),
            schema: Survey.mapping.schema
        )
    }

    private static func state(of survey: Survey) throws -> RecordState {
        var state = RecordState()
        apply(try resolved(Survey.mapping.edits(inserting: survey)), to: &state)
        return state
    }

    private static func read(_ state: RecordState) -> Survey {
        Survey.mapping.record(from: RecordView(of: state, schema: Survey.mapping.schema))
    }

    @Test
    func `defaults are recorded and only what is empty is not`() throws {
        let state = try RecordMappingTests.state(of: Survey())
        let view = RecordView(of: state, schema: Survey.mapping.schema)
        #expect(view[SlotKey(3)] == .text("open"))
        #expect(view[SlotKey(4)] == .integer(0))
        #expect(view[SlotKey(5)] == .boolean(false))
        #expect(view[SlotKey(9)] == .integer(7), "a count starts from 0, not from a default")
        #expect(view.members(of: 7).count == 1)
        #expect([1, 2, 6].allSatisfy { state.slot(SlotKey($0)) == nil })
    }

    @Test
    func `a struct comes back as it was recorded, whatever its defaults`() throws {
        var other = Survey()
        other.status = ""
        other.tags = []
        other.visits = 0
        other.note = ""
        other.notes = ["1": "a"]
        other.photo = [1]
        for survey in [Survey(), other] {
            #expect(RecordMappingTests.read(try RecordMappingTests.state(of: survey)) == survey)
        }
    }

    /// Properties that do not lie in the struct as they are declared.
    private struct Boat: Record, Hashable {
        var grams = 0
        var kilograms: Int {
            get { grams / 1_000 }
            set { grams = newValue * 1_000 }
        }
        var name = "" {
            didSet { renamings += 1 }
        }
        var renamings = 0

        static let mapping = RecordMapping<Boat>("boat", number: 1) {
            $0.field(1, "kilograms", \.kilograms, .lastWriter)
            $0.field(2, "name", \.name, .lastWriter)
        }
    }

    @Test
    func `a computed or observed property is recorded as a stored one is`() {
        var boat = Boat()
        boat.kilograms = 12
        boat.name = "浙湖渔10086"
        #expect(
            Boat.mapping.edits(inserting: boat)
                == [.create, .set(1, .integer(12)), .set(2, .text("浙湖渔10086"))]
        )
        var heavier = boat
        heavier.kilograms = 13
        #expect(Boat.mapping.edits(from: boat, to: heavier) == [.set(1, .integer(13))])
    }

    @Test
    func `a count is a sum of increments`() throws {
        var state = try RecordMappingTests.state(of: Survey())
        var more = RecordMappingTests.read(state)
        more.visits += 3
        let edits = Survey.mapping.edits(from: RecordMappingTests.read(state), to: more)
        #expect(edits == [.increment(9, by: 3)])
        RecordMappingTests.apply(try RecordMappingTests.resolved(edits, on: state), to: &state)
        #expect(RecordMappingTests.read(state).visits == 10)
        #expect(RecordMappingTests.read(RecordState()).visits == 0)
    }

    @Test
    func `only what differs is edited, members in the order of their bytes`() {
        var old = Survey()
        old.tags = ["b", "a", "c"]
        var new = old
        new.title = "t"
        new.note = "n"
        new.tags = ["d", "b", "e"]
        #expect(Survey.mapping.edits(from: old, to: old).isEmpty)
        #expect(
            Survey.mapping.edits(from: old, to: new) == [
                .set(1, .text("t")), .set(2, .text("n")), .remove(7, .text("a")),
                .remove(7, .text("c")), .add(7, .text("d")), .add(7, .text("e")),
            ]
        )
        new.note = nil
        #expect(!Survey.mapping.edits(from: old, to: new).contains(.set(2, .null)))
        old.note = "n"
        #expect(Survey.mapping.edits(from: old, to: new).contains(.set(2, .null)))
    }

    @Test
    func `taking an entry out of a grow-only field is refused and not ignored`() throws {
        var survey = Survey()
        survey.notes = ["1": "a", "2": "b"]
        let state = try RecordMappingTests.state(of: survey)
        var less = survey
        less.notes["1"] = nil
        let edits = Survey.mapping.edits(from: survey, to: less)
        #expect(throws: EditError.self) { try RecordMappingTests.resolved(edits, on: state) }
        var changed = survey
        changed.notes["1"] = "c"
        let change = Survey.mapping.edits(from: survey, to: changed)
        #expect(throws: EditError.self) { try RecordMappingTests.resolved(change, on: state) }
        var more = survey
        more.notes["3"] = "c"
        let addition = Survey.mapping.edits(from: survey, to: more)
        #expect(addition == [.append(8, id: "3", .text("c"))])
    }

    @Test
    func `a property has the number of its field`() {
        #expect(Survey.mapping.number(of: \.status) == 3)
        #expect(Survey.mapping.number(of: \.hashValue) == nil)
    }
}
