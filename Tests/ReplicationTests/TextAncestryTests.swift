import Replication
import Testing

struct TextAncestryTests {
    /// A world with one text; each step writes the text as given.
    private static func write(_ world: inout World, _ device: Int, _ text: String) {
        world.write(device, [.write(PolicyCase.text.slot(), .text(text))])
    }

    private static func ancestor(_ world: World, _ siblings: [Int]) -> String? {
        let history = world.history
        let writes = history.events.indices.map { index -> TextWrite in
            var text = ""
            for case .write(_, .text(let written)) in history.events[index].actions {
                text = written
            }
            return TextWrite(
                stamp: history.stamp(index),
                past: history.events[index].change.past,
                text: text
            )
        }
        let dots = siblings.map { history.events[$0].dot }
        let result = TextAncestry.ancestor(of: dots, in: writes)
        #expect(result == TextAncestry.ancestor(of: dots.reversed(), in: writes.reversed()))
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
        #expect(TextAncestry.ancestor(of: [stranger], in: []) == nil)
    }

    @Test
    func `histories of many merges end in an answer`() {
        var world = TextAncestryTests.desk()
        TextAncestryTests.write(&world, 0, "0")
        for round in 1...24 {
            world.quiesce()
            TextAncestryTests.write(&world, 0, "a\(round)")
            TextAncestryTests.write(&world, 1, "b\(round)")
        }
        world.quiesce()
        let last = world.events.count - 1
        #expect(TextAncestryTests.ancestor(world, [last - 1, last]) == nil, "deeper than 16")
    }
}
