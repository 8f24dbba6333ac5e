import Replication
import Testing

/// The district's conflict catalogue where it is decided by one record's merge alone.
///
/// The same cases over real stores stand with the acceptance tests.
struct ConflictCatalogueTests {
    private static let title: UInt32 = 1
    private static let priority: UInt32 = 2
    private static let place: UInt32 = 3
    private static let remark: UInt32 = 4
    private static let evidence: UInt32 = 5
    private static let seized: UInt32 = 6
    private static let identity: UInt32 = 7

    private static let finding = RecordSchema(
        number: 1,
        name: "finding",
        fields: [
            FieldSchema(title, "title", .text, .lastWriter),
            FieldSchema(priority, "priority", .integer, .lastWriter),
            FieldSchema(place, "place", .text, .keepSiblings),
            FieldSchema(remark, "remark", .text, .text(.concatenate)),
            FieldSchema(evidence, "evidence", .text, .growOnly),
            FieldSchema(seized, "seized", .text, .addWinsSet),
            FieldSchema(identity, "name", .text, .keepSiblings),
            FieldSchema(8, "idNumber", .text, .keepSiblings),
        ],
        groups: [[7, 8]],
        isLegalFact: true
    )

    /// Devices of people that have all synced a created finding.
    private static func desk(_ created: [Operation.Action] = []) -> World {
        var world = World(People.four, schema: finding)
        world.write(0, [.create] + created)
        world.quiesce()
        return world
    }

    private static func write(_ field: UInt32, _ value: FieldValue) -> Operation.Action {
        .write(SlotKey(field), value)
    }

    /// What everyone sees after all have synced; checks that it is the same for all, live, merged
    /// and by the reference.
    private func outcome(_ world: World, zone: Int = 480) -> RecordView {
        var world = world
        world.quiesce()
        let history = world.history
        let all = Array(history.events.indices)
        let record = history.record(all)
        for device in world.devices.indices {
            #expect(LiveReplica(device, of: world).state == record.state.withoutNumbers)
        }
        for order in history.linearExtensions(of: all) { #expect(history.record(order) == record) }
        #expect(MergeLaws.viewViolations(of: history, all, record.state).isEmpty)
        return RecordView(
            of: record.state,
            schema: history.schema,
            timeZoneMinutes: zone,
            ancestors: history.ancestors(record.state, all)
        )
    }

    @Test
    func `C01 edits of different fields are both kept without conflict`() {
        var world = ConflictCatalogueTests.desk()
        world.write(0, [ConflictCatalogueTests.write(1, .text("电捕鱼"))])
        world.write(1, [ConflictCatalogueTests.write(2, .integer(1))])
        let view = outcome(world)
        #expect(view[SlotKey(1)] == .text("电捕鱼"))
        #expect(view[SlotKey(2)] == .integer(1))
        #expect(view.conflicts.isEmpty)
    }

    @Test
    func `C02 the same value written twice is no conflict`() {
        var world = ConflictCatalogueTests.desk()
        world.write(0, [ConflictCatalogueTests.write(3, .text("东苕溪"))])
        world.write(1, [ConflictCatalogueTests.write(3, .text("东苕溪"))])
        let view = outcome(world)
        #expect(view[SlotKey(3)] == .text("东苕溪"))
        #expect(view.conflicts.isEmpty)
    }

    @Test
    func `C03 different places are an open conflict until a write that has seen both`() throws {
        var world = ConflictCatalogueTests.desk()
        world.write(0, [ConflictCatalogueTests.write(3, .text("东苕溪"))])
        world.write(1, [ConflictCatalogueTests.write(3, .text("西苕溪"))])
        let open = outcome(world)
        #expect(open.conflicts.map(\.subject) == [.slot(SlotKey(3))])
        let conflict = try #require(open.conflicts.first)
        #expect(conflict.candidates.map(\.value) == [.text("东苕溪"), .text("西苕溪")])
        #expect(conflict.shown == open[SlotKey(3)])
        #expect([.text("东苕溪"), .text("西苕溪")].contains(open[SlotKey(3)]))

        world.quiesce()
        world.write(2, [ConflictCatalogueTests.write(3, .text("东苕溪"))])
        let resolved = outcome(world)
        #expect(resolved.conflicts.isEmpty)
        #expect(resolved[SlotKey(3)] == .text("东苕溪"))
    }

    @Test
    func `C04 concurrent remarks stand one after the other with names and times`() {
        func remarks(firstSpeaks first: Int, then second: Int) -> String? {
            var world = ConflictCatalogueTests.desk()
            world.now = 1_790_000_000_000
            world.write(first, [ConflictCatalogueTests.write(4, .text("已劝离"))])
            world.now += 3_600_000
            world.write(second, [ConflictCatalogueTests.write(4, .text("已拍照"))])
            let view = outcome(world)
            #expect(view.conflicts.isEmpty)
            guard case .text(let text) = view[SlotKey(4)] else { return nil }
            return text
        }
        // 1 790 000 000 s is 2026-09-21 14:13 UTC, 22:13 in China.
        #expect(
            remarks(firstSpeaks: 0, then: 1)
                == "〔officer 0 2026-09-21 22:13〕已劝离\n〔officer 1 2026-09-21 23:13〕已拍照"
        )
        #expect(
            remarks(firstSpeaks: 1, then: 0)
                == "〔officer 1 2026-09-21 22:13〕已劝离\n〔officer 0 2026-09-21 23:13〕已拍照"
        )
    }

    @Test
    func `C04 remarks at different places of one text are merged`() {
        let start = ConflictCatalogueTests.write(4, .text("现场无人"))
        var world = ConflictCatalogueTests.desk([start])
        world.write(0, [ConflictCatalogueTests.write(4, .text("夜间现场无人"))])
        world.write(1, [ConflictCatalogueTests.write(4, .text("现场无人，已拍照"))])
        #expect(outcome(world)[SlotKey(4)] == .text("夜间现场无人，已拍照"))
    }

    @Test
    func `C05 evidence against a void keeps the evidence and disputes the finding`() throws {
        var world = ConflictCatalogueTests.desk()
        let photo = SlotKey(5, element: .text("photo 1"))
        world.write(0, [.void(reason: "误报")])
        world.write(1, [.write(photo, .text("sha256"))])
        let view = outcome(world)
        #expect(view.lifecycle == .disputed)
        #expect(view.lifecycle.isVisible)
        #expect(view.members(of: 5).map(\.slot) == [photo])
        #expect(view.conflicts.map(\.subject) == [.lifecycle])
        let conflict = try #require(view.conflicts.first)
        #expect(conflict.candidates.map(\.stamp.dot.replica) == [People.alice, People.bob])
    }

    @Test
    func `C06 an edit against a void is neither deleted nor silently resurrected`() {
        var world = ConflictCatalogueTests.desk()
        world.write(0, [.void(reason: "误报")])
        world.write(1, [ConflictCatalogueTests.write(1, .text("电捕鱼"))])
        let open = outcome(world)
        #expect(open.lifecycle == .disputed)
        #expect(open[SlotKey(1)] == .text("电捕鱼"))

        world.quiesce()
        world.write(2, [.void(reason: "核实为误报")])
        #expect(outcome(world).lifecycle == .voided)
        world.quiesce()
        world.write(3, [.undelete(reason: "新证据")])
        let restored = outcome(world)
        #expect(restored.lifecycle == .live)
        #expect(restored.conflicts.isEmpty)
    }

    @Test
    func `C14 an item seized here and voided there is added, with both in the log`() {
        let net = SlotKey(6, element: .text("net"))
        var world = ConflictCatalogueTests.desk([.write(net, .boolean(true))])
        world.write(0, [.write(net, .boolean(true))])
        world.write(1, [.write(net, .boolean(false))])
        let view = outcome(world)
        #expect(view.members(of: 6).map(\.slot) == [net])
        #expect(view.conflicts.isEmpty)
        let history = world.history
        let state = history.record(Array(history.events.indices)).state
        #expect(state.slot(net)?.siblings.map(\.value) == [.boolean(true), .boolean(false)])

        world.quiesce()
        world.write(2, [.write(net, .boolean(false))])
        #expect(outcome(world).members(of: 6).isEmpty)
    }

    @Test
    func `C28 one officer on two devices is in conflict only where neither had seen the other`() {
        var world = ConflictCatalogueTests.desk()
        world.write(0, [ConflictCatalogueTests.write(3, .text("岸边"))])
        world.meet(1, 0, prefix: 0, limit: .max)
        world.write(1, [ConflictCatalogueTests.write(3, .text("河道"))])
        let seen = outcome(world)
        #expect(seen.conflicts.isEmpty)
        #expect(seen[SlotKey(3)] == .text("河道"))

        var apart = ConflictCatalogueTests.desk()
        apart.write(0, [ConflictCatalogueTests.write(3, .text("岸边"))])
        apart.write(1, [ConflictCatalogueTests.write(3, .text("河道"))])
        #expect(outcome(apart).conflicts.count == 1)
    }

    @Test
    func `C37 name and identity number move together and conflict as one`() {
        func person(_ name: String, _ number: String) -> Operation.Action {
            ConflictCatalogueTests.write(7, .group([.text(name), .text(number)]))
        }
        var world = ConflictCatalogueTests.desk([person("张三", "330501")])
        world.write(0, [person("张三", "330502")])
        world.write(1, [person("张山", "330501")])
        let view = outcome(world)
        #expect(view.conflicts.map(\.subject) == [.slot(SlotKey(7))])
        let shown = [7, 8].map { view.value(of: $0, in: ConflictCatalogueTests.finding) }
        #expect(
            [[.text("张三"), .text("330502")], [.text("张山"), .text("330501")]].contains(shown),
            "never one's name with the other's number"
        )
    }
}
