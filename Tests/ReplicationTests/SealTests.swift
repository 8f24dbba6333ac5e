import Replication
import Testing

/// What a seal keeps, what stands beside it, and who decides between two of them.
struct SealTests {
    private static let field = PolicyCase.lastWriter.slot()
    private static let counter = PolicyCase.counter.slot()

    private static func desk(_ actions: Operation.Action...) -> World {
        var world = World(People.four, schema: PolicyCase.schema())
        world.write(0, [.create] + actions)
        world.quiesce()
        return world
    }

    private static func seal(_ content: (SlotKey, FieldValue)...) -> Operation.Action {
        .seal(reason: "signed", content: content.map { Operation.SealedValue($0, $1) })
    }

    /// What everyone sees after all have synced; the same live, merged and by the reference.
    private func view(_ world: World) -> RecordView {
        var world = world
        world.quiesce()
        let history = world.history
        let all = Array(history.events.indices)
        let record = history.record(all)
        for device in world.devices.indices {
            #expect(LiveReplica(device, of: world).state == record.state.withoutNumbers)
        }
        var merged = CausalRecord(schema: history.schema)
        for index in all { merged.merge(history.record(history.past(of: [index]))) }
        #expect(merged == record)
        #expect(MergeLaws.viewViolations(of: history, all, record.state).isEmpty)
        return RecordView(
            of: record.state,
            schema: history.schema,
            ancestors: history.ancestors(record.state, all)
        )
    }

    @Test
    func `an addition that the seal had not seen is a supplement although the value is equal`() {
        var world = SealTests.desk(.write(SealTests.counter, .integer(5)))
        world.write(0, [SealTests.seal((SealTests.counter, .integer(5)))])
        world.write(1, [.write(SealTests.counter, .integer(5))])
        let view = view(world)
        #expect(view[SealTests.counter] == .integer(5))
        #expect(view.supplements.map(\.stamp.dot.replica) == [People.bob])
    }

    @Test
    func `what the seal had seen is no supplement whatever it says by itself`() {
        let tag = PolicyCase.addWinsSet.slot()
        var world = SealTests.desk(.write(tag, .boolean(true)))
        world.write(
            0,
            [
                .write(SealTests.counter, .integer(2)), .write(SealTests.field, .text("one")),
                .write(PolicyCase.keepSiblings.slot(), .text("here")),
            ]
        )
        world.write(
            1,
            [
                .write(SealTests.counter, .integer(3)), .write(SealTests.field, .text("two")),
                .write(tag, .boolean(false)),
                .write(PolicyCase.keepSiblings.slot(), .text("there")),
            ]
        )
        world.quiesce()
        let state = world.history.record(Array(world.events.indices)).state
        let shown = RecordView(of: state, schema: world.schema)
        let content = shown.values.map { ($0.slot, $0.value) }
        world.write(
            2,
            [
                .seal(
                    reason: "",
                    content: content.map { Operation.SealedValue($0.0, $0.1) }
                )
            ]
        )
        let view = view(world)
        #expect(view.supplements.isEmpty)
        #expect(view.values == shown.values)
    }

    @Test
    func `a supplement that is replaced by another leaves one`() {
        var world = SealTests.desk(.write(SealTests.field, .text("sealed")))
        world.write(0, [SealTests.seal((SealTests.field, .text("sealed")))])
        world.quiesce()
        world.write(1, [.write(SealTests.field, .text("later"))])
        world.quiesce()
        world.write(2, [.write(SealTests.field, .text("sealed"))])
        let view = view(world)
        #expect(view.supplements.map(\.value) == [.text("sealed")])
        #expect(view.supplements.map(\.stamp.dot.replica) == [People.carol])
    }

    @Test(arguments: [Operation.Action.delete(reason: ""), .void(reason: "")])
    func `a record that is sealed while it is ended stays with a conflict`(
        end: Operation.Action
    ) throws {
        var world = SealTests.desk(.write(SealTests.field, .text("sealed")))
        world.write(0, [end])
        world.write(1, [SealTests.seal((SealTests.field, .text("sealed")))])
        let view = view(world)
        #expect(view.lifecycle.isVisible)
        #expect(view.conflicts.map(\.subject) == [.lifecycle])
        let conflict = try #require(view.conflicts.first)
        #expect(conflict.candidates.map(\.stamp.dot.replica) == [People.alice, People.bob])
    }

    @Test
    func `an edit that contests an end is told with what it wrote`() throws {
        var world = SealTests.desk()
        world.write(0, [.void(reason: "")])
        world.write(1, [.write(SealTests.field, .text("new"))])
        let conflict = try #require(view(world).conflicts.first)
        #expect(
            conflict.candidates.map { $0.content.map(\.value) } == [[], [.text("new")]]
        )
    }

    @Test
    func `a suspicion that is raised after the seal is shown`() {
        let flag = PolicyCase.sticky.slot()
        let level = PolicyCase.maximum.slot()
        var world = SealTests.desk(.write(flag, .boolean(false)), .write(level, .integer(3)))
        world.write(0, [SealTests.seal((flag, .boolean(false)), (level, .integer(7)))])
        world.write(1, [.write(flag, .boolean(true)), .write(level, .integer(5))])
        let view = view(world)
        #expect(view[flag] == .boolean(true))
        #expect(view[level] == .integer(7), "the sealed level was higher")
        #expect(view.supplements.count == 2)
    }

    @Test
    func `what the hub keeps in a record is shown beside what a device sealed`() {
        let rule = PolicyCase.hubOnly.slot()
        var world = SealTests.desk(.write(rule, .text("old rule")))
        world.write(0, [SealTests.seal((SealTests.field, .text("sealed")))])
        world.write(1, [.write(rule, .text("new rule"))])
        #expect(view(world)[rule] == .text("new rule"))
    }

    @Test
    func `a conflict that the seal left open is open and shows the sealed value`() throws {
        let place = PolicyCase.keepSiblings.slot()
        var world = SealTests.desk()
        world.write(0, [.write(place, .text("here"))])
        world.write(1, [.write(place, .text("there"))])
        world.quiesce()
        world.write(2, [SealTests.seal((place, .text("here")))])
        let open = view(world)
        #expect(open.conflicts.map(\.subject) == [.slot(place)])
        #expect(open.conflicts.map(\.shown) == [.text("here")])
        #expect(open.supplements.isEmpty)

        world.quiesce()
        world.write(3, [.write(place, .text("there"))])
        let decided = view(world)
        #expect(decided.conflicts.isEmpty)
        #expect(decided[place] == .text("here"), "a seal stands")
        #expect(decided.supplements.map(\.value) == [.text("there")])
    }

    @Test
    func `a concurrent write beside the seal is a supplement and no conflict`() {
        let place = PolicyCase.keepSiblings.slot()
        var world = SealTests.desk(.write(place, .text("here")))
        world.write(0, [SealTests.seal((place, .text("here")))])
        world.write(1, [.write(place, .text("there"))])
        let view = view(world)
        #expect(view.conflicts.isEmpty)
        #expect(view.supplements.map(\.value) == [.text("there")])
    }

    @Test
    func `C10 two sealed versions are an open conflict until a seal that has seen both`() throws {
        var world = SealTests.desk()
        world.write(0, [SealTests.seal((SealTests.field, .text("mine")))])
        world.write(1, [SealTests.seal((SealTests.field, .text("yours")))])
        let open = view(world)
        #expect(open.conflicts.map(\.subject) == [.seal])
        #expect(open.seals.count == 2, "both are valid documents")
        let conflict = try #require(open.conflicts.first)
        #expect(
            conflict.candidates.map { $0.content.map(\.value) } == [
                [.text("mine")], [.text("yours")],
            ]
        )
        world.quiesce()
        let state = world.history.record(Array(world.events.indices)).state
        #expect(!state.isSettled)

        world.write(2, [SealTests.seal((SealTests.field, .text("yours")))])
        let decided = view(world)
        #expect(decided.conflicts.isEmpty)
        #expect(decided[SealTests.field] == .text("yours"))
        #expect(decided.standingSeal?.stamp.dot.replica == People.carol)
    }

    @Test
    func `what the seals differed in is not open any more once a later one has decided`() {
        let place = PolicyCase.keepSiblings.slot()
        let claim = PolicyCase.claim.slot()
        var world = SealTests.desk()
        world.write(0, [.write(place, .text("here")), .write(claim, .text("alice"))])
        world.write(0, [SealTests.seal((place, .text("here")), (claim, .text("alice")))])
        world.write(1, [.write(place, .text("there")), .write(claim, .text("bob"))])
        world.write(1, [SealTests.seal((place, .text("there")), (claim, .text("bob")))])
        #expect(view(world).conflicts.map(\.subject) == [.seal])
        world.quiesce()
        world.write(2, [SealTests.seal((place, .text("there")), (claim, .text("bob")))])
        let decided = view(world)
        #expect(decided.conflicts.isEmpty)
        #expect(decided[place] == .text("there"))
        #expect(decided.supplements.isEmpty)
    }

    @Test
    func `a decision between seals leaves open what one of them had left open`() {
        let place = PolicyCase.keepSiblings.slot()
        var world = SealTests.desk()
        world.write(0, [.write(place, .text("here"))])
        world.write(1, [.write(place, .text("there"))])
        world.quiesce()
        world.write(2, [SealTests.seal((place, .text("here")))])
        world.write(3, [SealTests.seal((place, .text("elsewhere")))])
        world.quiesce()
        world.write(0, [SealTests.seal((place, .text("here")))])
        #expect(view(world).conflicts.map(\.subject) == [.slot(place)])
    }

    @Test
    func `a decision between seals leaves open what they did not differ in`() {
        let place = PolicyCase.keepSiblings.slot()
        var world = SealTests.desk()
        world.write(0, [.write(place, .text("here"))])
        world.write(0, [SealTests.seal((SealTests.field, .text("mine")))])
        world.write(1, [.write(place, .text("there"))])
        world.write(1, [SealTests.seal((SealTests.field, .text("yours")))])
        world.quiesce()
        world.write(2, [SealTests.seal((SealTests.field, .text("yours")))])
        #expect(view(world).conflicts.map(\.subject) == [.slot(place)])
    }

    @Test
    func `who has seen a later seal of somebody does not dispute the first one`() throws {
        func seal(_ replica: ReplicaID, _ counter: UInt64, _ text: String, _ seen: [Dot]) -> Seal {
            let dot = Dot(replica, counter)
            var covered = VersionVector()
            for dot in seen + [dot] { covered.insert(dot) }
            let skipped = seen.flatMap { last in
                (1..<last.counter).map { Dot(last.replica, $0) }.filter { !seen.contains($0) }
            }
            return Seal(
                stamp: Stamp(
                    dot: dot,
                    sequence: nil,
                    timestamp: HybridTimestamp(wallTime: Int64(counter)),
                    author: "\(replica)"
                ),
                reason: "",
                content: [Operation.SealedValue(SealTests.field, .text(text))],
                covered: covered,
                missed: skipped
            )
        }
        let first = seal(People.alice, 1, "mine", [])
        let other = seal(People.bob, 1, "yours", [])
        let decision = seal(People.carol, 1, "yours", [first.stamp.dot, other.stamp.dot])
        let later = seal(People.alice, 2, "mine again", [first.stamp.dot])
        // Dave came upon the record without its first seal.
        let blind = seal(People.dave, 1, "blind", [later.stamp.dot])
        #expect(blind.missed == [first.stamp.dot])
        let state = RecordState(
            slots: [],
            marks: [],
            creation: nil,
            seals: [first, later, other, decision, blind]
                .sorted { $0.stamp.dot < $1.stamp.dot }
        )
        let view = RecordView(of: state, schema: PolicyCase.schema())
        #expect(view.conflicts.isEmpty)
        #expect(view.standingSeal?.stamp.dot == decision.stamp.dot)
    }

    @Test
    func `two seals of one content are one document and no conflict`() {
        var world = SealTests.desk()
        world.write(0, [SealTests.seal((SealTests.field, .text("same")))])
        world.write(1, [SealTests.seal((SealTests.field, .text("same")))])
        #expect(view(world).conflicts.isEmpty)
    }

    @Test
    func `a sealed slot that stands twice counts once`() {
        var world = SealTests.desk()
        world.write(
            0,
            [SealTests.seal((SealTests.field, .text("one")), (SealTests.field, .text("two")))]
        )
        let view = view(world)
        #expect(view.values.map(\.value) == [.text("two")])
    }
}
