import Replication
import Testing

@testable import SyncCore

/// What stands for an entry whose writes were collected.
@Suite struct EntryDigestTests {
    private let entry = LogEntry(
        dot: Dot(ReplicaID(7), 3),
        part: 1,
        parts: 2,
        context: CausalContext(base: 9),
        timestamp: HybridTimestamp(wallTime: 1_785_744_000_000),
        author: "alice",
        reason: "补录",
        record: RecordKey(type: 4, id: .named("A-7")),
        actions: [
            .create, .write(SlotKey(1), .text("张三")), .write(SlotKey(2), .text("a")),
            .delete(reason: "错"),
        ]
    )

    @Test func `a skeleton has everything but the writes that go`() {
        let skeleton = entry.collected(keeping: [2])
        #expect(
            skeleton.actions == [
                .create, .write(SlotKey(2), .text("a")), .delete(reason: "错"),
                .collected(digest: entry.digest),
            ]
        )
        #expect(skeleton.isSkeleton && !entry.isSkeleton)
        #expect((skeleton.reason, skeleton.author) == (entry.reason, entry.author))
        #expect(skeleton.digest == entry.digest && entry.digest.count == 16)
    }

    @Test func `what has nothing to let go of stays as it is`() {
        #expect(entry.collected(keeping: [1, 2]) == entry)
        let skeleton = entry.collected(keeping: [2])
        #expect(skeleton.collected(keeping: [2]) == skeleton)
    }

    @Test func `a second collection keeps the digest of the entry as it was`() {
        let skeleton = entry.collected(keeping: [2]).collected(keeping: [])
        #expect(
            skeleton.actions == [
                .create, .delete(reason: "错"), .collected(digest: entry.digest),
            ]
                || skeleton.actions == [
                    .create, .collected(digest: entry.digest), .delete(reason: "错"),
                ]
        )
        #expect(skeleton.isSame(as: entry) && entry.isSame(as: skeleton))
    }

    @Test func `another entry is not the same, whole or not`() {
        let skeleton = entry.collected(keeping: [])
        var other = entry
        other.actions[1] = .write(SlotKey(1), .text("李四"))
        #expect(!skeleton.isSame(as: other))
        #expect(!skeleton.isSame(as: other.collected(keeping: [])))
        #expect(!entry.isSame(as: other))
        var later = entry
        later.timestamp = HybridTimestamp(wallTime: 1)
        #expect(!skeleton.isSame(as: later))
    }

    @Test func `a skeleton goes over the wire and into the store as it is`() throws {
        for actions in [
            entry.collected(keeping: [2]).actions, [.close], [.collect(keeping: [0, 3, .max])],
        ] as [[SyncCore.Operation.Action]] {
            var entry = entry
            entry.part = 0
            entry.parts = 1
            entry.actions = actions
            let batch = Batch(entries: [Batch.Item(entry: entry)], isSequenced: false)
            let bytes = BatchEncoder.encode(batch)
            #expect(try BatchDecoder.decode(bytes, resolve: { _ in nil }) == batch)
        }
    }
}
