import Testing

@testable import Interchange

struct JSONParserTests {
    private let parser = JSONParser()

    private static let sample = """
        {"alice": [1, -2, 0.50, 1e3, true, false, null], "bob\\n": {"字": "吴兴\\ud83d\\ude80é"},
         "": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041", "empty": [{}, []]}
        """

    @Test func `every kind of value is read`() throws {
        let value = try parser.parse(Self.sample)
        let expected: JSONValue = [
            "alice": [1, -2, .number("0.50"), .number("1e3"), true, false, nil],
            "bob\n": ["字": "吴兴🚀é"],
            "": "\"\\/\u{8}\u{C}\n\r\tA",
            "empty": [[:], []],
        ]
        #expect(value == expected)
        #expect(value.object?.keys == ["alice", "bob\n", "", "empty"])
    }

    @Test func `numbers keep every digit`() throws {
        #expect(try parser.parse("9223372036854775807") == .integer(.max))
        #expect(try parser.parse("-9223372036854775808") == .integer(.min))
        #expect(try parser.parse("9223372036854775808") == .number("9223372036854775808"))
        #expect(try parser.parse("-9223372036854775809") == .number("-9223372036854775809"))
        #expect(try parser.parse("99999999999999999999") == .number("99999999999999999999"))
        #expect(try parser.parse("-0") == .number("-0"))
        #expect(try parser.parse("0") == .integer(0))
        #expect(try parser.parse("1.10") == .number("1.10"))
        #expect(try parser.parse("1e400").double == nil)
        #expect(try parser.parse("1E+2").double == 100)
        #expect(try parser.parse("-0").double?.sign == .minus)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"", "\"a",
        "\"\\", "\"\\u", "\"\\u00", "t", "tru", "nul", "-", "1.", "1e", "1e+",
    ])
    func `a text that ends too early is truncated, not malformed`(text: String) {
        #expect(
            fault { () throws(InterchangeError) in _ = try parser.parse(text) }?.code == .truncated
        )
    }

    @Test(arguments: [
        "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "01", "-01", "+1", ".5", "1.e1",
        "NaN", "Infinity", "True", "nulL", "\"\\x\"", "\"\\u12G4\"", "[,]", "{,}", "\u{FEFF}1",
        "\u{A0}1", "/*c*/1",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(
            fault { () throws(InterchangeError) in _ = try parser.parse(text) }?.code == .malformed
        )
    }

    @Test(arguments: ["1 2", "0x1", "[] []", "{}x", "null,", "\"a\"\0"])
    func `nothing may follow the value`(text: String) {
        let error = fault { () throws(InterchangeError) in _ = try parser.parse(text) }
        #expect(error?.code == .trailingData)
    }

    @Test func `a duplicate key is refused after escapes are resolved`() {
        let error = fault { () throws(InterchangeError) in
            _ = try parser.parse("[\n {\"a\": 1, \"\\u0061\": 2}]")
        }
        #expect(error?.code == .duplicate)
        #expect(error?.line == 2)
        #expect(error?.column == 2)
        #expect(error?.field == "a")
    }

    @Test func `a duplicate among many keys is found`() {
        let members = (0..<100).map { "\"key\($0)\":\($0)" } + ["\"key57\":0"]
        let text = "{" + members.joined(separator: ",") + "}"
        let error = fault { () throws(InterchangeError) in _ = try parser.parse(text) }
        #expect(error?.code == .duplicate)
        #expect(error?.field == "key57")
    }

    @Test func `composed and decomposed keys are two keys`() throws {
        let value = try parser.parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(try parser.parse("\"\u{E9}\"") != parser.parse("\"e\u{301}\""))
    }

    @Test(arguments: [
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"",
        "\"\\udc00\\ud800\"",
    ])
    func `a lone surrogate is refused`(text: String) {
        let error = fault { () throws(InterchangeError) in _ = try parser.parse(text) }
        #expect(error?.code == .invalidEncoding)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE5, 0x90], [0xFF],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused with their place`(bytes: [UInt8]) {
        for escape in ["", "\\n"] {
            let text = "[\"é".bytes + escape.bytes + bytes + "\"]".bytes
            let error = fault { () throws(InterchangeError) in _ = try parser.parse(text) }
            #expect(error?.code == .invalidEncoding)
            #expect(error?.line == 1)
            #expect(error?.column == 4 + escape.utf8.count)
        }
    }

    @Test func `a bare control character in a string is refused`() {
        for byte in UInt8(0)..<0x20 {
            let text = "\"a".bytes + [byte] + "\"".bytes
            let error = fault { () throws(InterchangeError) in _ = try parser.parse(text) }
            #expect(error?.code == .forbiddenCharacter)
        }
    }

    @Test func `U+0000 is read and can be found`() throws {
        #expect(try parser.parse("[{\"a\": \"x\\u0000y\"}]").containsNull)
        #expect(try parser.parse("{\"\\u0000\": 1}").containsNull)
        #expect(try !parser.parse("[{\"a\": \"x\\u0001y\"}]").containsNull)
    }

    @Test func `nesting is limited, and the ceiling holds whatever the limits say`() throws {
        let deep = String(repeating: "[", count: 100_000)
        let generous = JSONParser(limits: JSONLimits(depthMax: .max))
        for parser in [parser, generous] {
            let error = fault { () throws(InterchangeError) in _ = try parser.parse(deep) }
            #expect(error?.code == .limitExceeded)
        }
        let allowed = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        _ = try generous.parse(allowed)
        let objects = String(repeating: "{\"a\":", count: 600)
        #expect(
            fault { () throws(InterchangeError) in _ = try generous.parse(objects) }?.code
                == .limitExceeded
        )
    }

    @Test func `every limit is held`() {
        let cases: [(JSONLimits, String)] = [
            (JSONLimits(bytesMax: 3), "1234"),
            (JSONLimits(depthMax: 1), "[[]]"),
            (JSONLimits(valuesMax: 3), "[1,2,3]"),
            (JSONLimits(stringBytesMax: 3), "\"abcd\""),
            (JSONLimits(stringBytesMax: 3), "\"a\\nbc\""),
            (JSONLimits(numberBytesMax: 3), "1234"),
        ]
        for (limits, text) in cases {
            let error = fault { () throws(InterchangeError) in
                _ = try JSONParser(limits: limits).parse(text)
            }
            #expect(error?.code == .limitExceeded, "\(text)")
        }
    }

    @Test func `an error names line and column, counted in characters`() {
        let error = fault { () throws(InterchangeError) in
            _ = try parser.parse("{\n  \"织里镇\": tru3\n}", firstLine: 41)
        }
        #expect(error?.line == 42)
        #expect(error?.column == 13)
        #expect(error?.description.hasPrefix("line 42, column 13: '3' is not right here") == true)
    }

    @Test func `no beginning of a text and no mutation of it traps`() {
        let bytes = Self.sample.bytes
        for text in Hostile.truncations(of: bytes) {
            let error = fault { () throws(InterchangeError) in _ = try parser.parse(text) }
            #expect(error != nil)
        }
        for text in Hostile.mutations(of: bytes, count: 3000, seed: 1) {
            guard let value = try? parser.parse(text) else { continue }
            let again = try? parser.parse(JSONWriter(style: .canonical).bytes(of: value))
            #expect(again == value)
        }
    }

    @Test func `a slice of a file is read as it stands`() throws {
        let bytes = "xx[1]yy".bytes
        #expect(try parser.parse(bytes[2..<5]) == [1])
    }
}
