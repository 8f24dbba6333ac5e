import Testing

@testable import Interchange

struct XMLPullParserTests {
    private func events(
        _ bytes: [UInt8],
        limits: XMLLimits = XMLLimits()
    ) throws(InterchangeError) -> [XMLEvent] {
        var parser = try XMLPullParser(bytes, limits: limits)
        var events: [XMLEvent] = []
        while true {
            let event = try parser.next()
            if event == .endOfDocument { return events }
            events.append(event)
        }
    }

    private func code(_ text: String, limits: XMLLimits = XMLLimits()) -> InterchangeError.Code? {
        fault { () throws(InterchangeError) in _ = try events(text.bytes, limits: limits) }?.code
    }

    private func text(_ inner: String) throws -> [XMLEvent] {
        try events("<a>\(inner)</a>".bytes)
            .filter {
                if case .text = $0 { true } else { false }
            }
    }

    @Test func `elements, attributes and text come in order`() throws {
        let document = """
            <?xml version="1.0" encoding="utf-8"?>
            <!-- by alice -->
            <a x='1' y = "a&amp;&#x5434;"><b/>
            t<![CDATA[<&]]>u<!-- c --><?pi d?>v</a>
            """
        let attributes = [
            XMLAttribute(name: "x", value: "1"), XMLAttribute(name: "y", value: "a&吴"),
        ]
        #expect(
            try events(document.bytes) == [
                .start(XMLElement(name: "a", attributes: attributes, line: 3)),
                .start(XMLElement(name: "b", attributes: [], line: 3)), .end(name: "b"),
                .text("\nt<&uv"), .end(name: "a"),
            ]
        )
    }

    @Test func `ends of lines and white space are normalised as XML says`() throws {
        #expect(try text("a\r\nb\rc&#13;d\t") == [.text("a\nb\nc\rd\t")])
        let start = try events("<a x='1\r\n\t2&#10;'/>".bytes).first
        let attribute = XMLAttribute(name: "x", value: "1  2\n")
        #expect(start == .start(XMLElement(name: "a", attributes: [attribute], line: 1)))
    }

    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><!ELEMENT b></a>",
        "<?xml version='1.1'?><a/>", "<?xml version='1.0' encoding='gbk'?><a/>",
    ])
    func `document types and other encodings are unsupported`(text: String) {
        #expect(code(text) == .unsupported)
    }

    @Test(arguments: [
        "<a>&b;</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>",
        "<a>&#99999999999;</a>",
        "<a>&#;</a>", "<a>&#x;</a>", "<a>&</a>", "<a>&amp</a>", "<a x=1/>", "<a x='1'y='2'/>",
        "<a x='<'/>", "<a>]]></a>", "<a/>text", "text<a/>", "< a/>", "<a><1/></a>", "<a x/>",
        "<a><!-- -- --></a>", "<a/ >", "<a/><?xml version='1.0'?>", "<a>&#1;</a>", "<a></a b>",
    ])
    func `what is not well-formed is refused`(text: String) {
        #expect(code(text) == .malformed)
    }

    @Test func `other breaches have their own codes`() {
        #expect(code("<a><b></a></b>") == .mismatch)
        #expect(code("</a>") == .mismatch)
        #expect(code("<a x='1' x='2'/>") == .duplicate)
        #expect(code("<a/><b/>") == .trailingData)
        #expect(code("<a>\u{1}</a>") == .forbiddenCharacter)
        #expect(code("<a>\0</a>") == .forbiddenCharacter)
        #expect(code("<a>\u{FFFE}</a>") == .forbiddenCharacter)
        for text in [
            "", "<a>", "<a", "<", "<a><b/>", "<a><!-- ", "<a><![CDATA[", "<a><?p ", "<a x='",
        ] {
            #expect(code(text) == .truncated, "\(text)")
        }
        let error = fault { () throws(InterchangeError) in
            _ = try events("<a>\n吴".bytes + [0xC3] + "</a>".bytes)
        }
        #expect(error?.code == .invalidEncoding)
        #expect(error?.line == 2)
        #expect(error?.column == 2)
    }

    @Test func `every limit is held`() {
        let deep = String(repeating: "<a>", count: 100_000)
        #expect(code(deep) == .limitExceeded)
        let many = (0..<100).map { " a\($0)='1'" }.joined()
        #expect(code("<a\(many)/>") == .limitExceeded)
        let long = String(repeating: "x", count: 300)
        #expect(code("<\(long)/>") == .limitExceeded)
        #expect(code("<a \(long)='1'/>") == .limitExceeded)
        let small = XMLLimits(textBytesMax: 100)
        #expect(code("<a>\(long)</a>", limits: small) == .limitExceeded)
        #expect(code("<a b='\(long)'/>", limits: small) == .limitExceeded)
        #expect(code("<a><![CDATA[\(long)]]></a>", limits: small) == .limitExceeded)
        #expect(code("<a/>", limits: XMLLimits(bytesMax: 3)) == .limitExceeded)
    }
}
