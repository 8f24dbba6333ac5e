import Oracle
import Replication
import Testing

struct TextMergeTests {
    private static let base = "巡查发现：河道东侧有电捕鱼痕迹，未见当事人。"

    private func both(_ base: String, _ left: String, _ right: String) -> String? {
        let result = TextMerge.merge(ancestor: base, [left, right])
        #expect(result == TextMerge.merge(ancestor: base, [right, left]), "must be symmetric")
        #expect(result == TextMerge.merge(ancestor: base, [left, right, left]))
        return result
    }

    /// Every order of three edits.
    private func all(_ base: String, _ a: String, _ b: String, _ c: String) -> Set<String?> {
        Set(
            [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
                .map { TextMerge.merge(ancestor: base, $0) }
        )
    }

    @Test
    func `three edits give one answer in whatever order they are taken`() {
        #expect(all("abcdef", "Xabcdef", "abcYdef", "abcdefZ") == ["XabcYdefZ"])
        #expect(all("abcdef", "abXdef", "abXdef", "abcdeY") == ["abXdeY"])
        // Folded pairwise, the first two agree on "" and the third then stands alone.
        #expect(all("ab", "", "", "abc") == [nil])
        #expect(all("abc", "aXc", "abc", "aYc") == [nil])
        #expect(all("abcd", "d", "abcd", "abcXd") == [nil], "an insertion at a deletion's end")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `three edits of a text agree with the naive merge`(seed: UInt64) {
        var random = SplitMix64(seed: seed &+ 700)
        var merged = 0
        let unique = String(String.UnicodeScalarView("东苕溪水域执法记录".unicodeScalars))
        for _ in 0..<300 {
            let texts = [20, 21, 22].map { edited(unique, $0, 1, &random) }
            let answers = all(unique, texts[0], texts[1], texts[2])
            switch NaiveText.merge(base: unique, Set(texts)) {
            case .merged(let expected):
                merged += 1
                #expect(answers == [expected])
            case .overlap: #expect(answers == [nil])
            case .undecidable: #expect(answers.count == 1)
            }
        }
        #expect(merged > 30)
    }

    @Test
    func `edits of different places are both applied`() {
        #expect(both("abcdef", "Xabcdef", "abcdefY") == "XabcdefY")
        #expect(both("abcdef", "abef", "abcdeZ") == "abeZ")
        #expect(both("abcdef", "abXdef", "abcdYf") == "abXdYf")
        let left = TextMergeTests.base + "已拍照。"
        let right = "夜间" + TextMergeTests.base
        #expect(both(TextMergeTests.base, left, right) == "夜间" + left)
    }

    @Test
    func `identical edits are applied once`() {
        #expect(both("abc", "abXc", "abXc") == "abXc")
        #expect(both("abc", "", "") == "")
        #expect(both("", "new", "new") == "new")
        #expect(both("abcdef", "Xabcde", "XabcdefY") == nil)
        #expect(both("abcdefg", "Xabcdefg", "XabcdeZg") == "XabcdeZg")
    }

    @Test
    func `an unchanged side gives way to the other`() {
        #expect(both("abc", "abc", "xyz") == "xyz")
        #expect(both("abc", "abc", "abc") == "abc")
        #expect(both("", "", "abc") == "abc")
    }

    @Test
    func `edits of the same place are not merged`() {
        #expect(both("abc", "aXc", "aYc") == nil)
        #expect(both("abc", "abXc", "abYc") == nil)
        #expect(both("", "left", "right") == nil)
        #expect(both("abcdef", "aef", "abcYef") == nil)
        #expect(both("abc", "ac", "abXc") == nil, "an insertion beside a deletion")
    }

    @Test
    func `neighbouring replacements are both applied`() {
        #expect(both("abcd", "XYcd", "abZW") == "XYZW")
    }

    @Test
    func `scalars that look the same are kept as they were written`() throws {
        let result = try #require(both("cafe\u{301} x", "cafe\u{301} xy", "-cafe\u{301} x"))
        #expect(Array(result.unicodeScalars) == Array("-cafe\u{301} xy".unicodeScalars))
        #expect(both("👨‍👩‍👧 a", "👨‍👩‍👧 ab", "x👨‍👩‍👧 a") == "x👨‍👩‍👧 ab")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `edits in different halves of any text are both applied`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<150 {
            let head = text(random.below(30), 3, &random)
            let tail = text(random.below(30), 3, &random)
            let newHead = edited(head, 4, 7, &random)
            let newTail = edited(tail, 8, 11, &random)
            // Unique scalars between the halves keep the difference from sliding across.
            let wall = "〈〉"
            let merged = both(
                head + wall + tail,
                newHead + wall + tail,
                head + wall + newTail
            )
            #expect(merged == newHead + wall + newTail)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `any texts give a symmetric answer that agrees with the naive merge`(seed: UInt64) {
        var random = SplitMix64(seed: seed &+ 90)
        var merged = 0
        for _ in 0..<300 {
            let base = text(random.below(12), 2, &random)
            _ = both(base, text(random.below(12), 2, &random), text(random.below(12), 2, &random))
            let unique = String(String.UnicodeScalarView("东苕溪水域执法记录".unicodeScalars))
            let left = edited(unique, 20, 1, &random)
            let right = edited(unique, 22, 1, &random)
            switch NaiveText.merge(base: unique, [left, right]) {
            case .merged(let expected):
                merged += 1
                #expect(both(unique, left, right) == expected)
            case .overlap: #expect(both(unique, left, right) == nil)
            case .undecidable: break
            }
        }
        #expect(merged > 50)
    }

    @Test
    func `long texts are merged and never trap`() {
        let line = TextMergeTests.base
        let long = String(repeating: line, count: 400)
        #expect(both(long, "始" + long, long + "终") == "始" + long + "终")
        let other = String(repeating: "完全不同的内容", count: 300)
        #expect(both(long, other, long) == other)
        #expect(both(long, other, long + "终") == nil)
        #expect(both(long, "", other) == nil)
    }

    /// A text of an alphabet so small that differences have many equal choices.
    private func text(_ length: Int, _ letters: Int, _ random: inout SplitMix64) -> String {
        String(
            (0..<length).map { _ in Character(["a", "b", "水", "e\u{301}"][random.below(letters)]) }
        )
    }

    private func edited(
        _ text: String,
        _ first: Int,
        _ count: Int,
        _ random: inout SplitMix64
    ) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<(1 + random.below(2)) {
            let fresh = Unicode.Scalar(UInt8(65 + first + random.below(count)))
            switch scalars.isEmpty ? 0 : random.below(3) {
            case 0: scalars.insert(fresh, at: random.below(scalars.count + 1))
            case 1: scalars[random.below(scalars.count)] = fresh
            default: scalars.remove(at: random.below(scalars.count))
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
