import Replication
import Testing

struct TextAncestryTests {
    /// A world with one text; each step writes the text as given.
    private static func write(_ world: inout World, _ device: Int, _ text: String) {
        world.write(device, [.write(PolicyCase.text.slot(), .text(text))])
    }

    private static func ancestor(
        _ world: World,
        _ siblings: [Int],
        _ overlap: MergePolicy.TextOverlap = .siblings
    ) -> String? {
        let history = world.history
        let writes = history.events.indices.compactMap { index in
            TextWrite.text(of: PolicyCase.text.slot(), in: history.events[index].actions)
                .map {
                    TextWrite(
                        stamp: history.stamp(index),
                        past: history.events[index].change.past,
                        text: $0
                    )
                }
        }
        let dots = siblings.map { history.events[$0].dot }
        let ancestry = TextAncestry(overlap: overlap, timeZoneMinutes: 480)
        let result = ancestry.ancestor(of: dots, in: writes)
        #expect(result == ancestry.ancestor(of: dots.reversed(), in: writes.reversed()))
        return result
    }

    private static func desk() -> World {
        World(People.four, schema: PolicyCase.schema())
    }

    @Test
    func `texts without a common past start from nothing`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "a")
        TextAncestryTests.write(&world, 1, "b")
        world.quiesce()
        #expect(TextAncestryTests.ancestor(world, [0, 1]) == "")
    }

    @Test
    func `the ancestor is the latest text that all had seen`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "one")
        TextAncestryTests.write(&world, 0, "two")
        world.quiesce()
        TextAncestryTests.write(&world, 0, "two a")
        TextAncestryTests.write(&world, 0, "two a a")
        TextAncestryTests.write(&world, 1, "b two")
        world.quiesce()
        #expect(TextAncestryTests.ancestor(world, [3, 4]) == "two")
    }

    @Test
    func `where the writers had seen a merge the ancestor is that merge`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "middle")
        world.quiesce()
        TextAncestryTests.write(&world, 0, "left middle")
        TextAncestryTests.write(&world, 1, "middle right")
        world.quiesce()
        TextAncestryTests.write(&world, 0, "left middle right!")
        TextAncestryTests.write(&world, 1, "left, middle right")
        world.quiesce()
        #expect(TextAncestryTests.ancestor(world, [3, 4]) == "left middle right")
    }

    @Test
    func `a merge that overlapped or a write that is not known gives no ancestor`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "x")
        TextAncestryTests.write(&world, 1, "y")
        world.quiesce()
        TextAncestryTests.write(&world, 0, "xa")
        TextAncestryTests.write(&world, 1, "ya")
        world.quiesce()
        #expect(TextAncestryTests.ancestor(world, [2, 3]) == nil)
        let stranger = Dot(People.dave, 7)
        let ancestry = TextAncestry(overlap: .siblings, timeZoneMinutes: 0)
        #expect(ancestry.ancestor(of: [stranger], in: []) == nil)
    }

    @Test
    func `a cleared text is the ancestor of what is written after it`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "before")
        world.quiesce()
        world.write(0, [.write(PolicyCase.text.slot(), .null)])
        world.quiesce()
        TextAncestryTests.write(&world, 0, "a")
        TextAncestryTests.write(&world, 1, "b")
        world.quiesce()
        #expect(TextAncestryTests.ancestor(world, [2, 3]) == "")
    }

    @Test
    func `of several writes of one change only the last one counts`() {
        let slot = PolicyCase.text.slot()
        var world = TextAncestryTests.desk()
        world.write(0, [.write(slot, .text("draft")), .write(slot, .text("text"))])
        world.quiesce()
        TextAncestryTests.write(&world, 0, "text a")
        TextAncestryTests.write(&world, 1, "b text")
        world.quiesce()
        #expect(TextAncestryTests.ancestor(world, [1, 2]) == "text")
    }

    @Test
    func `remarks that stand one after the other are not doubled by the next round`() {
        let slot = PolicyCase.remark.slot()
        var world = TextAncestryTests.desk()
        func shown() -> String {
            let history = world.history
            let all = Array(history.events.indices)
            let state = history.record(all).state
            let view = RecordView(
                of: state,
                schema: history.schema,
                ancestors: history.ancestors(state, all)
            )
            if case .text(let text) = view[slot] { return text }
            return ""
        }
        world.write(0, [.write(slot, .text("a"))])
        world.write(1, [.write(slot, .text("b"))])
        world.quiesce()
        let first = shown()
        #expect(first.contains("〕a") && first.contains("〕b"))
        for round in 1...20 {
            let before = shown()
            world.write(0, [.write(slot, .text("\(round)>" + before))])
            world.write(1, [.write(slot, .text(before + "<\(round)"))])
            world.quiesce()
            #expect(shown() == "\(round)>" + before + "<\(round)")
        }
        #expect(shown().split(separator: "〕").count == 3, "two remarks, however often edited")
    }

    @Test
    func `histories of many merges end in an answer`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "0")
        for round in 1...80 {
            world.quiesce()
            TextAncestryTests.write(&world, 0, "a\(round)")
            TextAncestryTests.write(&world, 1, "b\(round)")
        }
        world.quiesce()
        let last = world.events.count - 1
        #expect(TextAncestryTests.ancestor(world, [last - 1, last]) == nil, "siblings all the way")
        let quoted = TextAncestryTests.ancestor(world, [last - 1, last], .concatenate)
        #expect(quoted?.contains("〕a79") == true && quoted?.contains("〕b79") == true)
    }
}
