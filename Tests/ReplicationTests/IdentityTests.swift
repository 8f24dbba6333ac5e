import Replication
import Testing

struct IdentityTests {
    @Test(arguments: [0, 1, 0xA11C_E000_0000_0001, .max] as [UInt64])
    func `a replica's text reads back`(bits: UInt64) {
        let replica = ReplicaID(bits)
        #expect(replica.description.utf8.count == 16)
        #expect(ReplicaID(replica.description) == replica)
    }

    @Test(arguments: [
        "", "1", "00000000000000001", "000000000000000g", "+000000000000001", "-000000000000000",
        " 00000000000001", "０００００", "0x00000000000001", "000000000000000\u{301}",
    ])
    func `what is not sixteen digits is no replica`(text: String) {
        #expect(ReplicaID(text) == nil)
    }

    @Test
    func `minted replicas differ and are never zero`() {
        var random = SplitMix64(seed: 1)
        let minted = Set((0..<500).map { _ in ReplicaID.random(using: &random) })
        #expect(minted.count == 500)
        #expect(!minted.contains(ReplicaID(0)))
    }

    @Test(arguments: [
        RecordID.created(by: Dot(People.alice, 1), index: 0),
        .created(by: Dot(ReplicaID(.max), .max), index: .max),
        .named(""), .named("town"), .named("=a:b.c"), .named("caf\u{E9}"), .named("cafe\u{301}"),
        .named("\u{301}starts with a mark"), .named("\u{200D}joiner"), .named("织里镇"),
        .named("a11ce00000000001:1.0"), .named("\u{FE0F}"), .named("\n"),
    ])
    func `a record's text reads back byte for byte`(id: RecordID) {
        #expect(RecordID(id.description) == id)
    }

    @Test(arguments: [
        "", "town", "a11ce00000000001:1", "a11ce00000000001:0.0", "a11ce00000000001:1.0.0",
        "a11ce00000000001:-1.0", "a11ce00000000001:+1.0", "a11ce00000000001:1.+0",
        "a11ce00000000001:1.-0", "a11ce00000000001:1.4294967296", "a11ce00000000001:.0",
        "a11ce00000000001:18446744073709551616.0", ":1.0", "a11ce:1.0", "a11ce00000000001:1.",
    ])
    func `what is no record's text is refused`(text: String) {
        #expect(RecordID(text) == nil)
    }

    @Test
    func `records and dots have a total order`() {
        let ids: [RecordID] = [
            .created(by: Dot(People.alice, 1), index: 0),
            .created(by: Dot(People.alice, 1), index: 1),
            .created(by: Dot(People.alice, 2), index: 0),
            .created(by: Dot(People.bob, 1), index: 0), .named(""), .named("a"),
            .named("cafe\u{301}"), .named("caf\u{E9}"),
        ]
        for (i, left) in ids.enumerated() {
            for (j, right) in ids.enumerated() { #expect((left < right) == (i < j)) }
        }
        let keys = [
            RecordKey(type: 1, id: ids[5]), RecordKey(type: 2, id: ids[0]),
            RecordKey(type: 2, id: ids[5]),
        ]
        #expect(keys.reversed().sorted() == keys)
    }
}
