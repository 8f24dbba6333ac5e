import Testing

@testable import Interchange

struct JSONLinesReaderTests {
    private func read(
        _ text: String,
        chunk: Int,
        limits: JSONLimits = JSONLimits()
    ) throws(InterchangeError) -> [(line: Int, value: JSONValue)] {
        var reader = JSONLinesReader(limits: limits)
        var result: [(line: Int, value: JSONValue)] = []
        var rest = text.bytes[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(chunk))
            rest = rest.dropFirst(chunk)
            while let item = try reader.next() { result.append(item) }
        }
        reader.finish()
        while let item = try reader.next() { result.append(item) }
        return result
    }

    @Test func `values come with their lines whatever the chunks`() throws {
        let text = "{\"a\":1}\r\n\n[2]\n  \n\"三\""
        for chunk in 1...text.utf8.count {
            let values = try read(text, chunk: chunk)
            #expect(values.map(\.line) == [1, 3, 5])
            #expect(values.map(\.value) == [["a": 1], [2], "三"])
        }
    }

    @Test func `an error names the line, and the next line can still be read`() throws {
        var reader = JSONLinesReader()
        reader.append("1\n{\"a\":}\n3\n".bytes)
        #expect(try reader.next()?.value == 1)
        let error = fault { () throws(InterchangeError) in _ = try reader.next() }
        #expect(error?.line == 2)
        #expect(error?.column == 6)
        #expect(try reader.next()?.value == 3)
    }

    @Test func `a line beyond the limit is refused without being kept`() throws {
        let long = "[" + String(repeating: "1,", count: 500) + "1]\n7\n"
        let limits = JSONLimits(bytesMax: 64)
        for chunk in [1, 10, 64, 65, 66, 5000] {
            var reader = JSONLinesReader(limits: limits)
            var faults: [InterchangeError] = []
            var values: [JSONValue] = []
            var rest = long.bytes[...]
            while !rest.isEmpty {
                reader.append(rest.prefix(chunk))
                rest = rest.dropFirst(chunk)
                do {
                    while let item = try reader.next() { values.append(item.value) }
                } catch {
                    faults.append(error)
                    while let item = try reader.next() { values.append(item.value) }
                }
            }
            #expect(faults.map(\.code) == [.limitExceeded])
            #expect(faults.map(\.line) == [1])
            #expect(values == [7])
        }
    }
}
