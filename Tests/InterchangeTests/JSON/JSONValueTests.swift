import Testing

@testable import Interchange

struct JSONValueTests {
    private let parser = JSONParser()
    private let canonical = JSONWriter(style: .canonical)

    @Test func `equal values have equal canonical text and equal hashes`() throws {
        let left = try parser.parse("{\"b\":1, \"a\":[\"\\u00e9\\/\"], \"字\":null, \"z\":2.50}")
        let right = try parser.parse("{\"z\":2.50,\"字\":null,\"a\":[\"é/\"],\"b\":1}")
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(canonical.text(of: left) == canonical.text(of: right))
        #expect(canonical.text(of: left) == "{\"a\":[\"é/\"],\"b\":1,\"z\":2.50,\"字\":null}")
    }

    @Test func `canonical keys are sorted by UTF-8 bytes`() throws {
        // By UTF-16, as RFC 8785 sorts, U+1F680 would come before U+FF01.
        let value = try parser.parse("{\"🚀\":1,\"！\":2,\"a\":3,\"Z\":4,\"\":5}")
        #expect(canonical.text(of: value) == "{\"\":5,\"Z\":4,\"a\":3,\"！\":2,\"🚀\":1}")
    }

    @Test func `escapes are the shortest there are`() {
        let text = canonical.text(of: .string("\u{0}\u{1F}\u{8}\u{C}\n\r\t\"\\/\u{7F}\u{2028}é"))
        #expect(text == "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\u{7F}\u{2028}é\"")
    }

    @Test func `pretty text reads back to the same value`() throws {
        let value: JSONValue = ["alice": [1, [:], []], "bob": ["a": nil]]
        let text = JSONWriter(style: .pretty).text(of: value)
        #expect(text.hasPrefix("{\n  \"alice\": [\n    1,\n    {},\n    []\n  ],\n"))
        #expect(try parser.parse(text) == value)
    }

    @Test func `doubles are written so that they read back the same`() throws {
        let samples = [
            0.1, -0.0, 1, .leastNonzeroMagnitude, 1.7976931348623157e308, 1e21, 123456789012345680,
            1.0 / 3,
        ]
        for sample in samples {
            let value = try #require(JSONValue(sample))
            let again = try parser.parse(JSONWriter().bytes(of: value)).double
            #expect(again?.bitPattern == sample.bitPattern)
        }
        #expect(JSONValue(Double.nan) == nil)
        #expect(JSONValue(-Double.infinity) == nil)
    }

    @Test func `a lexeme that is no number cannot become one`() {
        #expect(JSONValue(lexeme: "5") == .integer(5))
        #expect(JSONValue(lexeme: "5.0") == .number("5.0"))
        for lexeme in ["", "5 ", " 5", "05", "+5", "inf", "1,2", "5\n", "五"] {
            #expect(JSONValue(lexeme: lexeme) == nil)
        }
        #expect(JSONWriter().text(of: .number("1},{")) == "\"1},{\"")
    }

    @Test func `an object finds, sets and removes members at any size`() {
        var object = JSONObject()
        for index in 0..<200 { object["key\(index * 7 % 200)"] = .integer(Int64(index)) }
        #expect(object.count == 200)
        #expect(object["key7"] == 1)
        object["key7"] = "new"
        #expect(object["key7"] == "new")
        #expect(object.members[1].key == "key7")
        object["key7"] = nil
        #expect(object["key7"] == nil)
        #expect(object.count == 199)
        for index in 0..<200 where index != 7 { #expect(object["key\(index)"] != nil) }
        #expect(object["missing"] == nil)
        #expect(JSONObject([.init("a", 1), .init("a", 2)]) == nil)
    }

    @Test func `accessors say nil for other kinds`() {
        let value: JSONValue = ["n": 5, "s": "x", "b": true, "a": [1], "z": nil]
        #expect(value["n"]?.integer == 5)
        #expect(value["n"]?.double == 5)
        #expect(value["n"]?.string == nil)
        #expect(value["s"]?.integer == nil)
        #expect(value["b"]?.boolean == true)
        #expect(value["a"]?.array?.count == 1)
        #expect(value["z"]?.isNull == true)
        #expect(value["s"]?["x"] == nil)
    }
}
