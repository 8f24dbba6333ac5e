import Replication
import Testing

/// What became of each write, and who ended a record having seen what.
struct ExplanationTests {
    typealias Fate = Explanation.Fate

    private static func desk(_ actions: Operation.Action...) -> World {
        var world = World(People.four, schema: PolicyCase.schema())
        world.write(0, [.create] + actions)
        world.quiesce()
        return world
    }

    private static func parts(
        of world: World
    ) -> (history: [HistoryEntry], state: RecordState, view: RecordView) {
        let history = world.history
        let all = Array(history.events.indices)
        let state = history.record(all).state
        let view = RecordView(
            of: state,
            schema: world.schema,
            ancestors: history.ancestors(state, all)
        )
        let entries = all.map { index in
            HistoryEntry(
                stamp: history.stamp(index),
                writtenAt: history.events[index].change.timestamp,
                context: history.events[index].change.context,
                reason: history.events[index].change.reason,
                actions: history.events[index].actions
            )
        }
        return (entries, state, view)
    }

    private static func why(_ policy: PolicyCase, _ world: World) -> Explanation {
        var world = world
        world.quiesce()
        let (history, state, view) = parts(of: world)
        return Explanation(
            of: policy.rawValue,
            in: world.schema,
            history: history,
            state: state,
            view: view,
            knowing: { $0.past }
        )
    }

    private static func life(_ world: World) -> LifecycleExplanation {
        var world = world
        world.quiesce()
        let (history, state, view) = parts(of: world)
        return LifecycleExplanation(
            history: history,
            state: state,
            view: view,
            knowing: { $0.past }
        )
    }

    private static func write(_ policy: PolicyCase, _ value: FieldValue) -> Operation.Action {
        .write(policy.slot(), value)
    }

    @Test
    func `a write that was replaced names who had seen it`() {
        var world = ExplanationTests.desk(ExplanationTests.write(.keepSiblings, .text("first")))
        world.write(1, [ExplanationTests.write(.keepSiblings, .text("second"))])
        let story = ExplanationTests.why(.keepSiblings, world)
        let (first, second) = (world.events[0].dot, world.events[1].dot)
        #expect(story.writes.map(\.fate) == [.replaced(by: [second]), .shown])
        #expect(story.writes.map(\.saw) == [[], [first]])
        #expect(!story.isInConflict)
    }

    @Test
    func `concurrent writes are shown and kept, or surpassed, as the policy says`() {
        func fates(_ policy: PolicyCase) -> Explanation {
            var world = ExplanationTests.desk()
            world.write(0, [ExplanationTests.write(policy, .text("early"))])
            world.write(1, [ExplanationTests.write(policy, .text("late"))])
            return ExplanationTests.why(policy, world)
        }
        #expect(fates(.keepSiblings).writes.map(\.fate) == [.kept, .shown])
        #expect(fates(.keepSiblings).isInConflict)
        #expect(fates(.lastWriter).writes.map(\.fate) == [.surpassed, .shown])
        #expect(fates(.claim).writes.map(\.fate) == [.shown, .kept])
        #expect(fates(.remark).writes.map(\.fate) == [.counted, .counted])
    }

    @Test
    func `an unopposed removal is what is shown, an opposed one is surpassed`() {
        let tag = Operation.Action.write(PolicyCase.addWinsSet.slot(), .boolean(true))
        let untag = Operation.Action.write(PolicyCase.addWinsSet.slot(), .boolean(false))
        var world = ExplanationTests.desk(tag)
        world.write(1, [untag])
        let removed = ExplanationTests.why(.addWinsSet, world)
        #expect(removed.writes.map(\.fate) == [.replaced(by: [world.events[1].dot]), .shown])

        world = ExplanationTests.desk(tag)
        world.write(0, [tag])
        world.write(1, [untag])
        let opposed = ExplanationTests.why(.addWinsSet, world)
        #expect(opposed.writes.map(\.fate).suffix(2) == [.shown, .surpassed])
    }

    @Test
    func `every replica's total counts and only its own later one replaces it`() {
        var world = ExplanationTests.desk(ExplanationTests.write(.counter, .integer(2)))
        world.write(1, [ExplanationTests.write(.counter, .integer(3))])
        world.quiesce()
        world.write(0, [ExplanationTests.write(.counter, .integer(5))])
        let story = ExplanationTests.why(.counter, world)
        #expect(
            story.writes.map(\.fate) == [.replaced(by: [world.events[2].dot]), .counted, .counted]
        )
    }

    @Test
    func `a maximum that was surpassed in time but not in value is shown`() {
        var world = ExplanationTests.desk(ExplanationTests.write(.maximum, .integer(9)))
        world.write(1, [ExplanationTests.write(.maximum, .integer(3))])
        let story = ExplanationTests.why(.maximum, world)
        #expect(story.writes.map(\.fate) == [.shown, .surpassed])
    }

    @Test
    func `what the seal had not seen is a supplement`() {
        var world = ExplanationTests.desk(ExplanationTests.write(.lastWriter, .text("sealed")))
        let content = [Operation.SealedValue(PolicyCase.lastWriter.slot(), .text("sealed"))]
        world.write(0, [.seal(reason: "", content: content)])
        world.write(1, [ExplanationTests.write(.lastWriter, .text("late"))])
        let story = ExplanationTests.why(.lastWriter, world)
        #expect(story.writes.map(\.fate).last == .supplement)
        #expect(story.shown.map(\.value) == [.text("sealed")])
    }

    @Test
    func `each member of a collection has its own story`() {
        var world = ExplanationTests.desk()
        world.write(0, [.write(PolicyCase.growOnly.slot(0), .text("a"))])
        world.write(1, [.write(PolicyCase.growOnly.slot(1), .text("b"))])
        world.quiesce()
        world.write(2, [.write(PolicyCase.growOnly.slot(1), .text("c"))])
        let story = ExplanationTests.why(.growOnly, world)
        #expect(story.writes.map(\.slot.element) == [0, 1, 1].map { .text("member \($0)") })
        #expect(story.writes.map(\.saw.count) == [0, 0, 1], "another member is another story")
    }

    @Test
    func `of two writes of one change the last one is told`() {
        var world = ExplanationTests.desk()
        world.write(
            0,
            [
                ExplanationTests.write(.lastWriter, .text("typo")),
                ExplanationTests.write(.lastWriter, .text("text")),
            ]
        )
        let story = ExplanationTests.why(.lastWriter, world)
        #expect(story.writes.map(\.value) == [.text("text")])
    }

    @Test
    func `a long history of many members is told in full`() {
        var world = ExplanationTests.desk()
        for round in 0..<10 {
            world.write(
                round % 4,
                (0..<200).map { .write(PolicyCase.growOnly.slot($0 * 10 + round), .text("x")) }
            )
        }
        #expect(ExplanationTests.why(.growOnly, world).writes.count == 2_000)
    }

    @Test
    func `who voided and who edited not having seen it stand against each other`() {
        var world = ExplanationTests.desk()
        world.write(0, [.void(reason: "误报")])
        world.write(1, [ExplanationTests.write(.lastWriter, .text("电捕鱼"))])
        world.write(2, [.seal(reason: "签名", content: [])])
        let story = ExplanationTests.life(world)
        let dots = world.events.map(\.dot)
        #expect(story.lifecycle == .disputed)
        #expect(story.isInConflict)
        #expect(
            story.steps.map(\.act) == [
                .mark(.create), .mark(.void), .edit([PolicyCase.lastWriter.slot()]), .seal,
            ]
        )
        #expect(story.steps.map(\.reason) == ["", "误报", "", "签名"])
        #expect(
            story.steps.map(\.fate) == [
                .replaced(by: [dots[1]]), .contested(by: [dots[2], dots[3]]),
                .contested(by: [dots[1]]), .contested(by: [dots[1]]),
            ]
        )
        #expect(story.steps.map(\.saw) == [[], [dots[0]], [dots[0]], [dots[0]]])
    }

    @Test
    func `a decision that has seen both ends the dispute`() {
        var world = ExplanationTests.desk()
        world.write(0, [.void(reason: "")])
        world.write(1, [ExplanationTests.write(.lastWriter, .text("电捕鱼"))])
        world.quiesce()
        world.write(2, [.undelete(reason: "核实")])
        let story = ExplanationTests.life(world)
        let last = world.events[3].dot
        #expect(story.lifecycle == .live)
        #expect(!story.isInConflict)
        #expect(story.steps.last?.fate == .stands)
        #expect(
            story.steps.dropLast()
                .allSatisfy { step in
                    if case .replaced(let by) = step.fate { by.contains(last) } else { false }
                }
        )
    }

    @Test
    func `edits of a record that nobody ended are no part of its life`() {
        var world = ExplanationTests.desk()
        world.write(1, [ExplanationTests.write(.lastWriter, .text("x"))])
        let story = ExplanationTests.life(world)
        #expect(story.steps.map(\.act) == [.mark(.create)])
        #expect(story.steps.map(\.fate) == [.stands])
    }
}
