import Interchange
import Replication
import Simulator
import SyncCore
import Testing

@Suite struct SchemaDocumentTests {
    @Test func `every kind, policy and option is read`() throws {
        let record = try #require(try Story.schema().schema.record(1))
        #expect(record.name == "finding")
        #expect(record.groups == [[5, 6]])
        #expect(record.unlistedFields == .init(kind: .json, policy: .keepSiblings))
        #expect(record.concurrentDelete == .keep)
        #expect(record.field(5)?.kind == .scaled(6))
        #expect(record.field(12)?.policy == .text(.siblings))
        #expect(
            Set(record.fields.map(\.kind)) == [
                .text, .integer, .json, .scaled(6), .timestamp, .boolean, .bytes, .real,
            ]
        )
    }

    private static let faults: [(text: String, type: String?, field: String?, words: String)] = [
        ("[]", nil, nil, "\"types\""),
        (#"{"types":[]}"#, nil, nil, "\"types\""),
        (#"{"types":[{"fields":[]}]}"#, "number 1", nil, "name"),
        (#"{"types":[{"name":"a b","fields":[]}]}"#, "a b", nil, "letters"),
        (#"{"types":[{"name":"a"},{"name":"a"}]}"#, "a", nil, "twice"),
        (#"{"types":[{"name":"a","fields":{}}]}"#, "a", nil, "list"),
        (#"{"types":[{"name":"a","fields":[{"id":1}]}]}"#, "a", "number 1 of the list", "name"),
        (#"{"types":[{"name":"a","fields":[{"name":"f","id":0}]}]}"#, "a", "f", "id"),
        (#"{"types":[{"name":"a","fields":[{"name":"f","id":1}]}]}"#, "a", "f", "kind"),
        (
            #"{"types":[{"name":"a","fields":[{"name":"f","id":1,"kind":"float"}]}]}"#, "a", "f",
            "scaled"
        ),
        (
            #"{"types":[{"name":"a","fields":[{"name":"f","id":1,"kind":"scaled"}]}]}"#, "a", "f",
            "0 to 18"
        ),
        (
            #"{"types":[{"name":"a","fields":[{"name":"f","id":1,"kind":"text","merge":"hubOnly"}]}]}"#,
            "a", "f", "lastWriter"
        ),
        (
            #"{"types":[{"name":"a","fields":[{"name":"f","id":1,"kind":"text","merge":"counter"}]}]}"#,
            "a", "f", "does not go with"
        ),
        (
            #"{"types":[{"name":"a","default":{"kind":"json","merge":"growOnly"}}]}"#, "a", nil,
            "one value"
        ),
        (#"{"types":[{"name":"a","groups":[["x","y"]]}]}"#, "a", nil, "listed fields"),
        (#"{"types":[{"name":"a","concurrentDelete":"maybe"}]}"#, "a", nil, "\"keep\""),
    ]

    @Test(arguments: 0..<faults.count)
    func `a fault names type, field and what would be right`(index: Int) throws {
        let fault = SchemaDocumentTests.faults[index]
        let error = #expect(throws: SchemaDocumentError.self) {
            try Schema(json: try JSONParser().parse(fault.text))
        }
        #expect(error?.type == fault.type)
        #expect(error?.field == fault.field)
        #expect(error?.description.contains(fault.words) == true, "\(String(describing: error))")
    }

    private static let values: [(kind: FieldKind, text: String, value: FieldValue)] = [
        (.text, #""电鱼""#, .text("电鱼")),
        (.integer, "-9223372036854775808", .integer(.min)),
        (.real, "0.1", .real(0.1)),
        (.scaled(6), "30.123456", .scaled(30_123_456)),
        (.scaled(6), "-1", .scaled(-1_000_000)),
        (.scaled(0), "7", .scaled(7)),
        (.boolean, "true", .boolean(true)),
        (.timestamp, "1785744000000", .timestamp(1_785_744_000_000)),
        (.bytes, #""AP8=""#, .bytes([0, 255])),
        (.json, #"{"a":[1,0.50],"b":null}"#, .json(#"{"a":[1,0.50],"b":null}"#)),
        (.reference(2), #""=t1""#, .reference(RecordKey(type: 2, id: .named("t1")))),
        (.text, "null", .null),
        (.json, "null", .null),
    ]

    @Test(arguments: 0..<values.count)
    func `values of every kind go to JSON and back`(index: Int) throws {
        let (kind, text, value) = SchemaDocumentTests.values[index]
        let document = try JSONParser().parse(text)
        #expect(try FieldValue(json: document, kind: kind) == value)
        #expect(value.json(kind: kind) == document)
    }

    @Test func `documents are kept in one form, and decimals may be quoted`() throws {
        let first = try FieldValue(json: ["b": 1, "a": 2], kind: .json)
        #expect(first == .json(#"{"a":2,"b":1}"#))
        #expect(try FieldValue(json: "30.5", kind: .scaled(6)) == .scaled(30_500_000))
        #expect(try FieldValue(json: .number("3.0"), kind: .integer) == .integer(3))
    }

    private static let misfits: [(kind: FieldKind, value: JSONValue, words: String)] = [
        (.text, 1, "string"), (.text, "a\u{0}", "U+0000"), (.integer, .number("1.5"), "whole"),
        (.integer, .number("1e99"), "whole"), (.real, .number("1e999"), "binary64"),
        (.scaled(2), .number("0.001"), "2 digits"), (.scaled(2), "x", "2 digits"),
        (.boolean, 1, "true or false"), (.timestamp, "now", "milliseconds"),
        (.bytes, "?", "base64"), (.reference(1), 4, "identity"), (.text, ["a": 1], "an object"),
    ]

    @Test(arguments: 0..<misfits.count)
    func `a value that does not fit says what would`(index: Int) throws {
        let misfit = SchemaDocumentTests.misfits[index]
        let error = #expect(throws: FieldValueError.self) {
            try FieldValue(json: misfit.value, kind: misfit.kind)
        }
        #expect(error?.description.contains(misfit.words) == true)
    }
}
