import Testing

@testable import Interchange

struct CSVReaderTests {
    private func fields(
        _ text: String,
        hasHeader: Bool = false
    ) throws(InterchangeError) -> [[String]] {
        try CSVReader.rows(of: text.bytes, hasHeader: hasHeader).map(\.fields)
    }

    @Test func `quotes, doubled quotes, commas and line breaks in fields`() throws {
        let text = "a,\"b,\"\"c\"\"\",\"d\r\ne\"\r\n,,\r\n\"\",x, y \n"
        #expect(
            try fields(text) == [["a", "b,\"c\"", "d\r\ne"], ["", "", ""], ["", "x", " y "]]
        )
    }

    @Test func `a last line without an ending counts, blank lines do not`() throws {
        #expect(try fields("a,b\n\r\n\nc,") == [["a", "b"], ["c", ""]])
        #expect(try fields("") == [])
        #expect(try fields("\n\n") == [])
        #expect(try fields("\"\"") == [[""]])
    }

    @Test func `a byte order mark is passed over`() throws {
        #expect(try fields("\u{FEFF}a,b\n") == [["a", "b"]])
        #expect(try fields("\u{FEFF}") == [])
        #expect(try fields("\u{FEFF}\"\u{FEFF}a\"") == [["\u{FEFF}a"]])
    }

    @Test func `the rows are the same whatever the chunks`() throws {
        let bytes = "\u{FEFF}name,\"no\nte\"\r\nalice,\"x\"\"y\r\n\"\r\n\r\n\"吴\",b".bytes
        let whole = try CSVReader.rows(of: bytes)
        #expect(whole.map(\.fields) == [["alice", "x\"y\r\n"], ["吴", "b"]])
        #expect(whole.map(\.line) == [3, 6])
        #expect(whole.map(\.number) == [1, 2])
        for chunk in 1...bytes.count {
            var reader = CSVReader()
            var rows: [CSVRow] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                reader.append(rest.prefix(chunk))
                rest = rest.dropFirst(chunk)
                while let row = try reader.next() { rows.append(row) }
            }
            reader.finish()
            while let row = try reader.next() { rows.append(row) }
            #expect(rows == whole)
            #expect(reader.names == ["name", "no\nte"])
        }
    }

    @Test func `rows give their values by name`() throws {
        let rows = try CSVReader.rows(of: "id,place\n7,织里镇\n".bytes)
        #expect(rows[0]["place"] == "织里镇")
        #expect(rows[0]["missing"] == nil)
        let error = rows[0].failure(.outOfRange, "no such town", expected: "a town", field: "place")
        #expect(error.line == 2)
        #expect(error.field == "place")
    }

    @Test func `errors name line and field`() {
        let cases: [([UInt8], InterchangeError.Code, Int, String?)] = [
            ("id,place\n1,a\n2,".bytes + [0xFF] + "\n".bytes, .invalidEncoding, 3, "place"),
            ("id,place\n1,\"a\nb".bytes + [0xC3] + "\nc\"\n".bytes, .invalidEncoding, 3, "place"),
            ("id,place\n1,a\0b\n".bytes, .forbiddenCharacter, 2, "place"),
            ("id,place\n\"1\n\0\",b\n".bytes, .forbiddenCharacter, 3, "id"),
            ("id,place\n1,a\"b\n".bytes, .malformed, 2, "place"),
            ("id,place\n1,\"a\"b\n".bytes, .malformed, 2, "place"),
            ("id,place\n1,\"a".bytes, .truncated, 2, "place"),
            ("id,place\n1,a\rb".bytes, .malformed, 2, nil),
            ("id,place\n1,a\r".bytes, .malformed, 2, nil),
            ("id,place\n1\n".bytes, .mismatch, 2, nil),
            ("id,place\n1,2,3\n".bytes, .mismatch, 2, nil),
            ("id,id\n1,2\n".bytes, .duplicate, 1, "id"),
        ]
        for (bytes, code, line, field) in cases {
            let error = fault { () throws(InterchangeError) in
                _ = try CSVReader.rows(of: bytes)
            }
            #expect(error?.code == code)
            #expect(error?.line == line)
            #expect(error?.field == field)
        }
    }

    @Test func `rows before an error come out, and the error stays`() throws {
        var reader = CSVReader(hasHeader: false)
        reader.append("a,b\nc,d\ne\n".bytes)
        #expect(try reader.next()?.fields == ["a", "b"])
        #expect(try reader.next()?.fields == ["c", "d"])
        for _ in 0..<2 {
            let error = fault { () throws(InterchangeError) in _ = try reader.next() }
            #expect(error?.code == .mismatch)
        }
    }

    @Test func `every limit is held`() {
        let cases: [(CSVLimits, String)] = [
            (CSVLimits(fieldBytesMax: 3), "abcd\n"),
            (CSVLimits(fieldBytesMax: 3), "\"ab\"\"c\"\n"),
            (CSVLimits(fieldsMax: 2), "a,b,c\n"),
            (CSVLimits(rowBytesMax: 3), "ab,cd\n"),
            (CSVLimits(rowsMax: 1), "a\nb\n"),
        ]
        for (limits, text) in cases {
            let error = fault { () throws(InterchangeError) in
                _ = try CSVReader.rows(of: text.bytes, hasHeader: false, limits: limits)
            }
            #expect(error?.code == .limitExceeded, "\(text)")
        }
    }

    @Test func `no beginning of a file and no mutation of it traps`() {
        let bytes = "\u{FEFF}id,place\r\n\"a\"\"\n\",吴兴\r\n'=1,\t0123\r\n".bytes
        for text in Hostile.truncations(of: bytes) {
            _ = try? CSVReader.rows(of: text, dialect: .spreadsheet)
        }
        for text in Hostile.mutations(of: bytes, count: 2000, seed: 2) {
            guard let rows = try? CSVReader.rows(of: text, hasHeader: false) else { continue }
            let values = rows.map(\.fields)
            let written = try? CSVWriter.bytes(of: values, dialect: .plain)
            let again = written.flatMap { try? CSVReader.rows(of: $0, hasHeader: false) }
            #expect(again?.map(\.fields) == values)
        }
    }
}

struct CSVWriterTests {
    private static let values = [
        "", "a", " a", "a ", "\"", "\"\"", ",", "\r", "\n", "\r\n", "\t", "'", "''", "'=1", "\t'",
        "=1+1", "+1", "-1", "-1.5", "+1.", "-1+1", "-", "+", "@x", "  =x", "＝x", "－1", "0", "00",
        "007", "0.5", "330502100000", "-330502100000", "33050219900101123X", "12E5", "1e9", "E5",
        "12345678901", "123456789012", "\t007", "'007", "\u{FEFF}", "\u{FEFF}a", "é", "e\u{301}",
        "\u{301}", "🚀", "织里镇", "a;b", "\u{B}", "=\u{301}", "'\u{301}", "\t\u{301}", "\r\u{301}",
    ]

    private static let dialects: [CSVDialect] = [
        .plain, .spreadsheet, CSVDialect(delimiter: 0x3B, endsLinesWithReturn: false),
        CSVDialect(delimiter: 0x09, hasByteOrderMark: true, isProtected: true),
        CSVDialect(delimiter: 0x27, isProtected: true), CSVDialect(delimiter: 0x22),
    ]

    @Test(arguments: dialects)
    func `what is written reads back the same`(dialect: CSVDialect) throws {
        for value in Self.values {
            for row in [[value], [value, value], ["", value]] {
                let bytes = try CSVWriter.bytes(of: [row, row], dialect: dialect)
                let rows = try CSVReader.rows(of: bytes, dialect: dialect, hasHeader: false)
                // Compared as bytes: `==` on strings would miss a lost accent form.
                let read = rows.map { $0.fields.map(\.bytes) }
                #expect(read == [row, row].map { $0.map(\.bytes) })
            }
        }
    }

    @Test func `a spreadsheet gets a byte order mark, CRLF and marked fields`() throws {
        let bytes = try CSVWriter.bytes(
            of: [["330502100000", "=1+1", "-2.5"], ["007", "'", "a b"]],
            names: ["code", "note", "kg"]
        )
        let text = "code,note,kg\r\n\"\t330502100000\",'=1+1,-2.5\r\n\"\t007\",'',a b\r\n"
        #expect(bytes == Byte.byteOrderMark + text.bytes)
    }

    @Test func `no field that is written can start a formula`() throws {
        for value in Self.values {
            let field = CSVProtection.marked(value)
            let first = field.unicodeScalars.first { $0 != " " }
            let starts: [Unicode.Scalar] = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\r", "\n"]
            guard let first, starts.contains(first) else { continue }
            #expect(ScaledDecimal.parses(field), "\(field)")
        }
    }

    @Test func `random texts survive the round trip`() throws {
        var random = SplitMix(seed: 3)
        let alphabet = Array("'\"=+-@\t\r\n ,;01239eE.ａ＝吴é\u{301}\u{FEFF}x".unicodeScalars)
        for dialect in Self.dialects {
            let rows = (0..<200)
                .map { _ in
                    (0..<3)
                        .map { _ in
                            var text = String.UnicodeScalarView()
                            for _ in 0..<random.below(6) {
                                text.append(alphabet[random.below(alphabet.count)])
                            }
                            return String(text)
                        }
                }
            let bytes = try CSVWriter.bytes(of: rows, dialect: dialect)
            let read = try CSVReader.rows(of: bytes, dialect: dialect, hasHeader: false)
            #expect(read.map { $0.fields.map(\.bytes) } == rows.map { $0.map(\.bytes) })
        }
    }

    @Test func `what cannot be read back is refused`() {
        var writer = CSVWriter(dialect: .plain)
        #expect(
            fault { () throws(InterchangeError) in try writer.append(["a\0"]) }?.code
                == .unrepresentable
        )
        #expect(fault { () throws(InterchangeError) in try writer.append([]) }?.code == .mismatch)
        #expect(fault { () throws(InterchangeError) in try writer.append(["a", "b"]) } == nil)
        let error = fault { () throws(InterchangeError) in try writer.append(["a"]) }
        #expect(error?.code == .mismatch)
    }

    @Test func `bytes can be taken row by row`() throws {
        var writer = CSVWriter(dialect: .spreadsheet)
        try writer.append(["a"])
        #expect(writer.takeBytes() == Byte.byteOrderMark + "a\r\n".bytes)
        try writer.append(["b"])
        #expect(writer.takeBytes() == "b\r\n".bytes)
        #expect(writer.takeBytes().isEmpty)
    }
}

extension ScaledDecimal {
    fileprivate static func parses(_ text: String) -> Bool {
        (try? parse(text, scale: 9)) != nil
    }
}
