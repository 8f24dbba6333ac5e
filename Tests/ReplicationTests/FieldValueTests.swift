import Replication
import Testing

struct FieldValueTests {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"

    private static let samples: [FieldValue] = [
        .null, .boolean(false), .boolean(true), .integer(.min), .integer(0), .integer(.max),
        .real(-.infinity), .real(-1), .real(-0.0), .real(0), .real(1), .real(.infinity),
        .real(.nan), .real(-.nan), .real(.signalingNaN), .real(.leastNonzeroMagnitude),
        .scaled(-1), .scaled(1), .text(""), .text("a"), .text(composed), .text(decomposed),
        .text("水"), .timestamp(0), .timestamp(.max), .bytes([]), .bytes([0]), .bytes([0, 255]),
        .json("{}"), .json("[]"), .json(composed), .json(decomposed),
        .reference(RecordKey(type: 1, id: .named("a"))),
        .reference(RecordKey(type: 1, id: .created(by: Dot(People.bob, 1), index: 0))),
        .reference(RecordKey(type: 2, id: .named("a"))),
        .group([]), .group([.null]), .group([.integer(1), .null]), .group([.text(composed)]),
        .group([.text(decomposed)]),
    ]

    @Test
    func `texts that only look the same are different values`() {
        #expect(FieldValueTests.composed == FieldValueTests.decomposed, "as Swift compares them")
        let left = FieldValue.text(FieldValueTests.composed)
        let right = FieldValue.text(FieldValueTests.decomposed)
        #expect(left != right)
        #expect((left < right) != (right < left))
        #expect(Set([left, right]).count == 2)
        #expect(FieldValue.json(FieldValueTests.composed) != .json(FieldValueTests.decomposed))
        #expect(RecordID.named(FieldValueTests.composed) != .named(FieldValueTests.decomposed))
    }

    @Test
    func `equality agrees with hashing and with place in the list`() {
        for (i, left) in FieldValueTests.samples.enumerated() {
            for (j, right) in FieldValueTests.samples.enumerated() {
                #expect((left == right) == (i == j), "\(left) \(right)")
            }
        }
        #expect(Set(FieldValueTests.samples).count == FieldValueTests.samples.count)
    }

    @Test
    func `the order is total`() {
        for left in FieldValueTests.samples {
            #expect(!(left < left))
            for right in FieldValueTests.samples where left != right {
                #expect((left < right) != (right < left), "\(left) \(right)")
                for third in FieldValueTests.samples where left < right && right < third {
                    #expect(left < third, "\(left) < \(right) < \(third)")
                }
            }
        }
    }

    @Test
    func `reals are ordered by value`() {
        let rising: [Double] = [-.infinity, -2, -1, -0.5, 0, 0.5, 1, 2, .infinity]
        for (low, high) in zip(rising, rising.dropFirst()) {
            #expect(FieldValue.real(low) < .real(high))
        }
    }

    @Test
    func `nulls are null and groups of nulls too`() {
        #expect(FieldValue.null.isNull)
        #expect(FieldValue.group([.null, .group([.null])]).isNull)
        #expect(!FieldValue.group([.null, .integer(0)]).isNull)
        #expect(!FieldValue.text("").isNull)
    }

    @Test
    func `a kind admits its own values and null`() {
        #expect(FieldKind.text.admits(.null))
        #expect(FieldKind.scaled(2).admits(.scaled(1)))
        #expect(!FieldKind.scaled(2).admits(.integer(1)))
        #expect(!FieldKind.timestamp.admits(.integer(1)))
        let key = RecordKey(type: 3, id: .named("a"))
        #expect(FieldKind.reference(3).admits(.reference(key)))
        #expect(!FieldKind.reference(4).admits(.reference(key)))
        #expect(!FieldKind.json.admits(.text("{}")))
    }

    @Test
    func `slots are ordered by field and a slot without element comes first`() {
        let rising = [
            SlotKey(0, element: .text("b")), SlotKey(1), SlotKey(1, element: .null),
            SlotKey(1, element: .text("a")), SlotKey(1, element: .text("b")), SlotKey(2),
        ]
        #expect(rising.reversed().sorted() == rising)
    }
}
