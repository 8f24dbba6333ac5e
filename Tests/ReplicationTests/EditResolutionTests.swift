import Replication
import Testing

/// Which edits are refused, and what the others become.
struct EditResolutionTests {
    private static let finding = RecordSchema(
        number: 1,
        name: "finding",
        fields: [
            FieldSchema(1, "title", .text, .lastWriter),
            FieldSchema(2, "code", .text, .hubOnly),
            FieldSchema(3, "tags", .text, .addWinsSet),
            FieldSchema(4, "evidence", .text, .growOnly),
            FieldSchema(5, "visits", .integer, .counter),
            FieldSchema(6, "name", .text, .keepSiblings),
            FieldSchema(7, "number", .text, .keepSiblings),
            FieldSchema(8, "level", .real, .maximum),
        ],
        groups: [[6, 7]]
    )

    private static let town = RecordSchema(
        number: 2,
        name: "town",
        fields: [
            FieldSchema(1, "code", .text, .hubOnly), FieldSchema(2, "name", .text, .hubOnly),
        ]
    )

    private static let rules = RecordSchema(
        number: 3,
        name: "rule",
        fields: [FieldSchema(1, "title", .text, .lastWriter)],
        unlistedFields: .init(kind: .text, policy: .hubOnly)
    )

    /// A record that a single writer builds, change by change.
    private struct Desk {
        let schema: RecordSchema
        var state = RecordState()
        var counter: UInt64 = 0
        var isHub = false

        init(_ schema: RecordSchema = EditResolutionTests.finding, isHub: Bool = false) {
            self.schema = schema
            self.isHub = isHub
        }

        func actions(_ edits: [Edit]) throws(EditError) -> [Operation.Action] {
            let resolution = EditResolution(schema: schema, replica: alice, isHub: isHub)
            let dot = Dot(alice, counter + 1)
            return try resolution.actions(for: edits, on: state, in: dot) {
                RecordView(of: $0, schema: schema)
            }
        }

        mutating func write(_ edits: Edit...) throws(EditError) {
            let actions = try actions(edits)
            counter += 1
            apply(actions, by: alice, counter)
        }

        mutating func apply(
            _ actions: [Operation.Action],
            by replica: ReplicaID,
            _ counter: UInt64
        ) {
            state.apply(
                actions,
                stamp: Stamp(
                    dot: Dot(replica, counter),
                    sequence: nil,
                    timestamp: HybridTimestamp(wallTime: Int64(counter)),
                    author: "officer"
                ),
                past: CausalPast(of: Dot(replica, counter), context: CausalContext()),
                schema: schema
            )
        }

        func refusal(_ edits: Edit...) -> EditError? {
            do throws(EditError) {
                _ = try actions(edits)
                return nil
            } catch {
                return error
            }
        }

        var view: RecordView { RecordView(of: state, schema: schema) }
    }

    @Test(
        arguments: [
            .create, .set(1, .text("x")), .delete(reason: ""), .undelete(reason: ""),
            .void(reason: ""), .seal(reason: ""),
        ] as [Edit]
    )
    func `a device may do nothing to a record that the hub keeps`(edit: Edit) {
        let refusal = Desk(EditResolutionTests.town).refusal(edit)
        #expect(refusal?.code == .hubOnly)
        #expect(refusal?.record == "town")
        #expect(Desk(EditResolutionTests.town, isHub: true).refusal(edit) == nil)
    }

    @Test
    func `the hub is told why a device may not do what it did`() {
        let town = EditResolutionTests.town
        let finding = EditResolutionTests.finding
        let code = Operation.SealedValue(SlotKey(2), .text("x"))
        func reason(_ schema: RecordSchema, _ action: Operation.Action) -> String? {
            schema.refusalFromDevices(of: action)?.description
        }
        #expect(town.isHubOnly)
        #expect(!finding.isHubOnly)
        #expect(!EditResolutionTests.rules.isHubOnly)
        #expect(
            reason(town, .delete(reason: ""))
                == "deletes a record of town, which only the hub may do"
        )
        #expect(reason(town, .write(SlotKey(99), .null)) != nil, "a newer schema's field too")
        #expect(reason(town, .unknown(code: 9, payload: [])) != nil)
        #expect(reason(finding, .unknown(code: 9, payload: [])) == nil)
        #expect(
            reason(finding, .write(SlotKey(2), .text("x")))
                == "writes finding.code, which only the hub writes"
        )
        #expect(
            reason(finding, .seal(reason: "", content: [code]))
                == "seals finding.code, which only the hub writes"
        )
        #expect(reason(finding, .seal(reason: "", content: [])) == nil)
        #expect(reason(finding, .delete(reason: "")) == nil)
        #expect(reason(finding, .write(SlotKey(1), .text("x"))) == nil)
    }

    @Test
    func `a field of the hub is refused by name, listed or not`() {
        #expect(Desk().refusal(.set(2, .text("x")))?.field == "code")
        let refusal = Desk(EditResolutionTests.rules).refusal(.setUnlisted("wind", .text("x")))
        #expect(refusal?.code == .hubOnly)
        #expect(refusal?.field == "wind")
        #expect(Desk(EditResolutionTests.rules).refusal(.set(1, .text("x"))) == nil)
    }

    @Test
    func `a device seals what is its to write`() throws {
        var desk = Desk(isHub: true)
        try desk.write(.create, .set(1, .text("t")), .set(2, .text("c")))
        desk.isHub = false
        guard case .seal(_, let content)? = try desk.actions([.seal(reason: "")]).first else {
            Issue.record("no seal")
            return
        }
        #expect(content.map(\.slot) == [SlotKey(1)])
        try desk.write(.seal(reason: ""))
        #expect(desk.view[SlotKey(2)] == .text("c"), "the hub's field stays live")
    }

    @Test
    func `a seal holds the edits that stand before it in the same change`() throws {
        var desk = Desk()
        try desk.write(.create, .set(1, .text("old")), .increment(5, by: 2))
        try desk.write(
            .set(1, .text("new")),
            .set(6, .text("张三")),
            .increment(5, by: 3),
            .add(3, .text("夜间")),
            .seal(reason: "signed")
        )
        let view = desk.view
        #expect(view[SlotKey(1)] == .text("new"))
        #expect(view[SlotKey(5)] == .integer(5))
        #expect(view[SlotKey(6)] == .group([.text("张三"), .null]))
        #expect(view.members(of: 3).count == 1)
        #expect(view.supplements.isEmpty)
    }

    @Test
    func `a change that seals a record does not edit it afterwards`() throws {
        var desk = Desk()
        try desk.write(.create)
        #expect(desk.refusal(.seal(reason: ""), .set(1, .text("x")))?.code == .sealed)
        #expect(desk.refusal(.seal(reason: ""), .set(6, .text("x")))?.code == .sealed)
        // The same over two edits of one change.
        var half = desk
        half.apply(try desk.actions([.seal(reason: "")]), by: alice, 2)
        #expect(half.refusal(.set(1, .text("x")))?.code == .sealed)
        // A later change adds a supplement.
        try desk.write(.seal(reason: ""))
        #expect(desk.refusal(.set(1, .text("x"))) == nil)
    }

    @Test
    func `a sealed record is voided and not deleted`() throws {
        var desk = Desk()
        try desk.write(.create)
        #expect(desk.refusal(.delete(reason: "")) == nil)
        #expect(desk.refusal(.seal(reason: ""), .delete(reason: ""))?.code == .sealed)
        try desk.write(.seal(reason: ""))
        #expect(desk.refusal(.delete(reason: ""))?.code == .sealed)
        #expect(desk.refusal(.void(reason: "")) == nil)
    }

    @Test
    func `sealing again with another seal's content decides between two`() throws {
        var desk = Desk()
        try desk.write(.create)
        for (replica, text) in [(People.bob, "mine"), (People.carol, "yours")] {
            let content = [Operation.SealedValue(SlotKey(1), .text(text))]
            desk.apply([.seal(reason: "", content: content)], by: replica, 1)
        }
        #expect(desk.view.conflicts.map(\.subject) == [.seal])
        let yours = Dot(People.carol, 1)
        let actions = try desk.actions([.reseal(yours, reason: "original")])
        let content = [Operation.SealedValue(SlotKey(1), .text("yours"))]
        #expect(actions == [.seal(reason: "original", content: content)])
        #expect(desk.refusal(.reseal(Dot(People.dave, 1), reason: ""))?.code == .value)
    }

    @Test
    func `an older schema keeps the members that a newer one added to a group`() throws {
        var desk = Desk()
        try desk.write(.create)
        let newer: FieldValue = .group([.text("张三"), .text("1"), .text("newer")])
        desk.apply([.write(SlotKey(6), newer)], by: alice, 2)
        desk.counter = 2
        try desk.write(.set(7, .text("2")))
        #expect(desk.view[SlotKey(6)] == .group([.text("张三"), .text("2"), .text("newer")]))
        try desk.write(.setGroup(6, [.text("李四"), .text("3"), .text("other")]))
        #expect(desk.view[SlotKey(6)] == .group([.text("李四"), .text("3"), .text("other")]))
        #expect(desk.refusal(.setGroup(6, [.text("only one")]))?.code == .value)
        #expect(desk.refusal(.setGroup(6, [.text("a"), .integer(1)]))?.code == .value)
        #expect(desk.refusal(.setGroup(1, [.text("a")]))?.code == .value)
    }

    @Test
    func `a shorter group of an older schema is filled up`() throws {
        var desk = Desk()
        desk.apply([.write(SlotKey(6), .group([.text("张三")]))], by: alice, 1)
        desk.counter = 1
        try desk.write(.set(7, .text("2")))
        #expect(desk.view[SlotKey(6)] == .group([.text("张三"), .text("2")]))
    }

    @Test
    func `entries are only added`() throws {
        var desk = Desk()
        try desk.write(.create, .append(4, id: "photo", .text("sha")))
        #expect(desk.refusal(.append(4, id: "photo", .null))?.code == .value)
        #expect(desk.refusal(.append(4, id: "other", .null))?.field == "evidence")
        #expect(desk.refusal(.append(4, id: "photo", .text("else")))?.code == .exists)
        #expect(desk.refusal(.append(4, id: "photo", .text("sha"))) == nil, "the same again")
        #expect(
            desk.refusal(.append(4, id: "new", .text("a")), .append(4, id: "new", .text("b")))?.code
                == .exists
        )
        // Two writers used one id: whoever has seen both decides.
        desk.apply([.write(SlotKey(4, element: .text("photo")), .text("bob's"))], by: People.bob, 1)
        #expect(!desk.view.conflicts.isEmpty)
        #expect(desk.refusal(.append(4, id: "photo", .text("bob's"))) == nil)
    }

    @Test
    func `values that no field takes are refused with the field's name`() {
        let desk = Desk()
        #expect(desk.refusal(.set(1, .integer(1)))?.description.contains("finding.title") == true)
        #expect(desk.refusal(.set(1, .text("\0")))?.code == .value)
        #expect(desk.refusal(.set(8, .real(.nan)))?.code == .value)
        #expect(desk.refusal(.set(99, .null))?.code == .field)
        #expect(desk.refusal(.set(3, .text("x")))?.code == .field)
        #expect(desk.refusal(.set(5, .integer(1)))?.code == .field)
        #expect(desk.refusal(.add(3, .null))?.code == .value)
        #expect(desk.refusal(.add(1, .text("x")))?.code == .field)
        #expect(desk.refusal(.setUnlisted("x", .text("")))?.code == .field)
        let large = String(repeating: "x", count: EditResolution.valueBytesMax + 1)
        #expect(desk.refusal(.set(1, .text(large)))?.code == .value)
        #expect(desk.refusal(.increment(5, by: .max), .increment(5, by: 1))?.code == .value)
    }

    @Test
    func `increments of one change add up to this replica's running total`() throws {
        var desk = Desk()
        try desk.write(.create, .increment(5, by: 2))
        desk.apply([.write(SlotKey(5), .integer(10))], by: People.bob, 1)
        let actions = try desk.actions([.increment(5, by: 3), .increment(5, by: -1)])
        #expect(actions == [.write(SlotKey(5), .integer(4))])
    }

    @Test
    func `a refused edit names nothing that it would have changed`() {
        let refusal = Desk().refusal(.set(1, .text("fine")), .set(2, .text("not mine")))
        #expect(refusal?.description.contains("finding.code") == true)
    }
}

private let alice = People.alice
