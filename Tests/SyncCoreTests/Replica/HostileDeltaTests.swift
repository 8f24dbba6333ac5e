import Foundation
import Replication
import SyncCore
import Testing

/// A peer's delta can be incomplete, damaged or a clone's: the device says so and stays as it was.
@Suite struct HostileDeltaTests {
    @Test func `a delta that is not causally closed changes nothing`() throws {
        let bench = try Workbench()
        let alice = try bench.replica()
        for number in 0..<3 { try alice.write { try $0.insert(Errand(what: "\(number)")) } }
        let bob = try bench.replica("bob")
        var first = VersionVector()
        first[alice.id] = 1
        let tail = try alice.delta(since: first, cursor: 0)
        let before = try bob.status()
        #expect(throws: SyncError.self) { try bob.merge(delta: tail) }
        #expect(try bob.status() == before)
        #expect(try bob.merge(delta: alice.delta(for: before)) == 3)
        #expect(try bob.merge(delta: tail) == 0)
    }

    @Test func `random damage to a delta never breaks the store`() throws {
        let bench = try Workbench()
        let alice = try bench.replica()
        try alice.write { try $0.insert(Sighting(title: "电鱼", tags: ["夜间"])) }
        try alice.write { try $0.insert(Errand(what: "拍照")) }
        let bob = try bench.replica("bob")
        let delta = try alice.delta(for: bob.status())
        var random = Seeded(77)
        for _ in 0..<400 { _ = try? bob.merge(delta: Mutation.apply(to: delta, &random)) }
        #expect(try bob.differences().map(\.problem) == [])
    }

    private func item(
        _ counter: UInt64,
        part: UInt32 = 0,
        of parts: UInt32 = 1,
        at sequence: UInt64 = 0
    ) -> Batch.Item {
        let record = RecordKey(type: 3, id: .named("r\(part)"))
        var entry = LogEntry.sample(counter: counter, part: part, parts: parts, record: record)
        entry.context.base = 0
        entry.actions.insert(.create, at: 0)
        return Batch.Item(entry: entry, sequence: sequence)
    }

    private func merge(_ items: [Batch.Item], into replica: Replica) throws -> Int {
        let batch = Batch(entries: items, isSequenced: true)
        return try replica.merge(
            delta: DeltaFile(batch: batch, epoch: nil).encoded(dictionary: nil)
        )
    }

    @Test func `a torn change, one in pieces, and skipped changes are refused`() throws {
        let bench = try Workbench()
        let bob = try bench.replica("bob")
        let deltas: [(name: String, items: [Batch.Item])] = [
            ("the first part only", [item(1, of: 2)]),
            ("the second part only", [item(1, part: 1, of: 2)]),
            ("parts in the wrong order", [item(1, part: 1, of: 2), item(1, of: 2)]),
            ("a part twice", [item(1, of: 2), item(1, of: 2)]),
            ("a numbered change of which parts lack", [item(1, part: 1, of: 2, at: 6)]),
            (
                "numbers that do not follow",
                [item(1, of: 2, at: 5), item(1, part: 1, of: 2, at: 9)]
            ),
            ("a change skipped", [item(2)]),
            ("a numbered change skipped", [item(1, at: 5), item(3, at: 7)]),
            ("a change that comes back", [item(1), item(2), item(1)]),
        ]
        let before = try bob.status()
        for (name, items) in deltas {
            #expect(throws: SyncError.self, "\(name)") { try merge(items, into: bob) }
            #expect(try bob.status() == before, "\(name)")
        }
        #expect(try merge([item(1, of: 2, at: 5), item(1, part: 1, of: 2, at: 6)], into: bob) == 2)
        #expect(try bob.differences().map(\.problem) == [])
    }

    @Test func `nobody but the hub collects, and nothing that is nowhere else`() throws {
        let bench = try Workbench()
        let bob = try bench.replica("bob")
        let errand = try bob.write { try $0.insert(Errand(what: "未发送")) }
        let whole = try bob.read { try $0.log(of: errand.key, limit: 10) }
        func collection(at sequence: UInt64, base: UInt64, hasMet: Bool) -> Batch.Item {
            var entry = LogEntry.sample(counter: 1, part: 0, parts: 1, record: errand.key)
            entry.actions = [.collect(keeping: [])]
            entry.context.base = base
            if hasMet { entry.context.peers[bob.id] = 1 }
            return Batch.Item(entry: entry, sequence: sequence)
        }
        let before = try bob.status()
        for forged in [
            collection(at: 0, base: 0, hasMet: true), collection(at: 9, base: 8, hasMet: true),
            collection(at: 9, base: 9, hasMet: false),
        ] {
            let error = #expect(throws: SyncError.self) { try merge([forged], into: bob) }
            #expect(error?.message.contains("only the hub") == true)
            #expect(try bob.status() == before)
        }
        // One that says it is the hub's sees what has the hub's numbers, and bob's change has none.
        _ = try? merge([collection(at: 9, base: 8, hasMet: false)], into: bob)
        let kept = try bob.read { try $0.log(of: errand.key, limit: 10) }
        #expect(kept.contains { $0.entry == whole.first?.entry })
        #expect(try bob.record(errand)?.what == "未发送")
    }

    @Test func `receipts that contradict each other are told as such`() throws {
        let bench = try Workbench()
        let bob = try bench.replica("bob")
        let error = #expect(throws: SyncError.self) {
            try merge([item(1, at: 9), item(2, at: 4)], into: bob)
        }
        #expect(error?.code == .invalidAnswer)
    }

    @Test func `two stores that write under one id are found out by whoever meets both`() throws {
        let bench = try Workbench()
        let named = { (what: String) in
            { (transaction: Transaction) in _ = try transaction.insert(Errand(what: what)) }
        }
        do {
            let alice = try bench.replica()
            try alice.write(named("以前"))
        }
        try FileManager.default.copyItem(atPath: bench.path("alice"), toPath: bench.path("clone"))
        let alice = try bench.replica()
        let clone = try bench.replica("clone")
        let carol = try bench.replica("carol")
        #expect(alice.id == clone.id)
        try alice.write(named("原来的"))
        try clone.write(named("克隆的"))
        try clone.write(named("又一条"))
        try carol.merge(delta: alice.delta(since: VersionVector(), cursor: 0))
        let before = try carol.status()
        let error = #expect(throws: SyncError.self) {
            try carol.merge(delta: clone.delta(since: VersionVector(), cursor: 0))
        }
        #expect(error?.message.contains("clone") == true)
        #expect(try carol.status() == before)
        // The same change again is no difference, also for its author.
        #expect(try carol.merge(delta: alice.delta(since: VersionVector(), cursor: 0)) == 0)
        #expect(try alice.merge(delta: carol.delta(since: VersionVector(), cursor: 0)) == 0)
        #expect(throws: SyncError.self) {
            try alice.merge(delta: clone.delta(since: VersionVector(), cursor: 0))
        }
    }
}
