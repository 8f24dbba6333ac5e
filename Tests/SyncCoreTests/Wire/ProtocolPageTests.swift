import Foundation
import SyncCore
import Testing

/// `docs/protocol.md` against the golden frames.
@Suite struct ProtocolPageTests {
    private static let page = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/protocol.md")

    /// The bytes of each dump: the pairs of digits up to the first two spaces of its lines.
    private static func dumps() throws -> [String: [UInt8]] {
        let text = try String(contentsOf: page, encoding: .utf8)
        var dumps: [String: [UInt8]] = [:]
        var name: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let start = line.range(of: "<!-- frame: ") {
                name = line[start.upperBound...].split(separator: " ").first.map(String.init)
                continue
            }
            guard let frame = name, !line.isEmpty else { continue }
            guard line.hasPrefix("    ") else {
                name = nil
                continue
            }
            let digits = line.dropFirst(4).prefix(while: { $0.isHexDigit || $0 == " " })
            let end = digits.range(of: "  ")?.lowerBound ?? digits.endIndex
            for pair in digits[..<end].split(separator: " ") {
                dumps[frame, default: []].append(try #require(UInt8(pair, radix: 16)))
            }
        }
        return dumps
    }

    @Test func `the dumps of the page are the golden frames`() throws {
        let dumps = try ProtocolPageTests.dumps()
        #expect(dumps.keys.sorted() == ["request-one-edit", "response-one-edit"])
        for (name, bytes) in dumps {
            #expect(Fixtures.bytes("frames/\(name).bin") == bytes, "\(name)")
        }
    }

    @Test func `the example says what the page says of it`() throws {
        let dumps = try ProtocolPageTests.dumps()
        let record = Frames.fullBatch.entries[0].entry.record
        let (request, push) = try SyncRequest.decode(
            try #require(dumps["request-one-edit"]),
            dictionaries: []
        )
        #expect(request.caller == Frames.oneEdit.caller)
        let batch = try SyncRequest.decodePush(try #require(push), resolve: { _ in record })
        #expect(
            batch.entries.map(\.entry.actions) == Frames.oneEdit.push.entries.map(\.entry.actions)
        )
        let response = try SyncResponse.decode(
            try #require(dumps["response-one-edit"]),
            dictionaries: [],
            resolve: { _ in nil }
        )
        #expect(response == Frames.oneEditAnswer)
    }

    @Test func `the limits of the page are the decoder's`() throws {
        let text = try String(contentsOf: ProtocolPageTests.page, encoding: .utf8)
        let limits = WireLimits.standard
        let rows = [
            "| body | \(limits.bodyBytesMax >> 20) MiB |",
            "| inflated block; of a push | \(limits.inflatedBytesMax >> 20) MiB; "
                + "\(limits.pushBytesMax >> 20) MiB |",
            "| inflated : compressed | \(limits.inflateRatioMax) |",
            "| text or bytes of one value, reason | \(limits.valueBytesMax >> 20) MiB |",
            "| replicas in a list | 65,536 |", "| scopes | 4,096 |",
            "| group members; depth of values | 64; \(limits.depthMax) |",
        ]
        for row in rows { #expect(text.contains(row), "\(row)") }
        #expect(limits.replicasMax == 65_536 && limits.scopesMax == 4_096)
        #expect(limits.changesMax == 100_000 && limits.operationsMax == 1_000_000)
    }
}
