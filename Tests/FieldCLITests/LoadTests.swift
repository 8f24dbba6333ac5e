import Foundation
import Interchange
import Testing

/// `field load`: what it tells must be what happened; how fast is for `make load`.
@Suite struct LoadTests {
    @Test func `a few devices push, receive, and are told while they wait`() throws {
        let field = try FieldProgram()
        defer { field.remove() }
        let result = try field.run([
            "load", "--devices", "6", "--changes", "23", "--batch", "5", "--hold", "4", "--json",
        ])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let report = try JSONParser().parse(result.output)
        let pushed: Int64 = 138
        let exchanges: Int64 = 30
        #expect(report["push"]?["done"]?.integer == pushed)
        #expect(report["push"]?["milliseconds"]?["count"]?.integer == exchanges)
        // Four devices receive what was pushed, the change of those who held, and the catalogue.
        let received = try #require(report["pull"]?["done"]?.integer)
        #expect(received >= 4 * (pushed + 1))
        #expect(received % 4 == 0)
        #expect(report["hold"]?["done"]?.integer == 4)
        #expect(report["idle"]?["done"]?.integer == 0)
        #expect(report["peakMiB"]?.double ?? 0 > 1)
    }

    @Test(arguments: [
        ["load", "--devices", "0"], ["load", "--batch", "0"], ["load", "--rate", "-1"],
        ["load", "--hold", "10000"],
    ])
    func `numbers that make no load are refused`(arguments: [String]) throws {
        let field = try FieldProgram()
        defer { field.remove() }
        #expect(try field.run(arguments).status == 64)
    }

    @Test func `no hub at the address is said as such`() throws {
        let field = try FieldProgram()
        defer { field.remove() }
        let result = try field.run(["load", "--hub", "ftp://nowhere"])
        #expect(result.status == 4)
        #expect(result.errors.contains("http://host:port"))
    }
}
