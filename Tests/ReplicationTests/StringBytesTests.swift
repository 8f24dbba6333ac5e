import Replication
import Testing

/// Texts as bytes: short ones, which a string holds in itself, and long ones.
struct StringBytesTests {
    private static let texts = [
        "", "a", "é", "e\u{301}", "浙湖渔10086", String(repeating: "巡查", count: 40),
        String(repeating: "巡查", count: 40) + "x",
    ]

    @Test
    func `texts are the same where their bytes are`() {
        for left in StringBytesTests.texts {
            for right in StringBytesTests.texts {
                let expected = Array(left.utf8) == Array(right.utf8)
                #expect(left.hasSameBytes(as: right) == expected, "\(left) and \(right)")
            }
            #expect(left.hasSameBytes(as: String(decoding: Array(left.utf8), as: UTF8.self)))
        }
    }

    @Test
    func `a U+0000 is found wherever it stands`() {
        for text in StringBytesTests.texts {
            #expect(!text.holdsZero)
            #expect(("\0" + text).holdsZero)
            #expect((text + "\0").holdsZero)
            #expect((text + "\0" + text).holdsZero)
        }
    }
}
