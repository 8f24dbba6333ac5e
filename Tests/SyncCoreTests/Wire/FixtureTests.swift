import Foundation
import SyncCore
import Testing

@Suite struct FixtureTests {
    @Test func `every malformed input is refused for the reason its name gives`() throws {
        try Tables.with { names, db in
            for input in Malformed.all {
                let file = "malformed/\(input.name).bin"
                guard let frozen = try bytes(of: file, or: input.bytes) else { continue }
                if !input.isDeflated { #expect(frozen == input.bytes, "\(file)") }
                let error = input.kind.refusal(frozen, names: &names, db)
                #expect(
                    (error as? WireError)?.code == input.code,
                    "\(file): \(String(describing: error))"
                )
            }
        }
        let known = Set(Malformed.all.map { $0.name + ".bin" })
        #expect(try Set(Fixtures.names(in: "malformed")) == known)
    }

    @Test func `the bytes of the protocol have not changed`() throws {
        for frame in try Frames.all() {
            let file = "frames/\(frame.name).bin"
            guard let frozen = try bytes(of: file, or: frame.bytes) else { continue }
            #expect(frozen == frame.bytes, "\(file)")
        }
        let known = try Set(
            (Frames.all().map(\.name) + Frames.deflated.map(\.name)).map { $0 + ".bin" }
        )
        #expect(try Set(Fixtures.names(in: "frames")) == known)
    }

    @Test func `frozen deflated messages are still read`() throws {
        for frame in Frames.deflated {
            let made = frame.message.encoded(dictionary: frame.dictionary)
            let file = "frames/\(frame.name).bin"
            guard let frozen = try bytes(of: file, or: made) else { continue }
            let decoded = try SyncResponse.decode(
                frozen,
                dictionaries: frame.dictionary.map { [$0] } ?? [],
                resolve: { _ in nil }
            )
            #expect(decoded == frame.message.ofItsEpoch, "\(file)")
        }
    }

    @Test func `golden frames still say what they said`() throws {
        let golden = { (name: String) throws -> [UInt8] in
            try #require(Fixtures.bytes("frames/\(name).bin"))
        }
        let batch = try BatchDecoder.decode(golden("batch-everything"), resolve: { _ in nil })
        #expect(batch == Frames.fullBatch)
        let (request, push) = try SyncRequest.decode(
            golden("request-introduction-with-push"),
            dictionaries: []
        )
        var introduction = Frames.introduction
        introduction.push = Batch(isSequenced: false)
        #expect(request == introduction)
        let decoded = try SyncRequest.decodePush(
            try #require(push),
            resolve: { $0 == 12 ? Frames.push.entries[0].entry.record : nil }
        )
        #expect(decoded == Frames.push)
        var page = Frames.page
        page.entries = Batch(isSequenced: true)
        #expect(
            try SyncResponse.decode(
                golden("response-lists"),
                dictionaries: [],
                resolve: { _ in nil }
            )
                == page
        )
        #expect(
            try SyncResponse.decode(
                golden("response-receipts-and-entries"),
                dictionaries: [],
                resolve: { _ in nil }
            )
                == Frames.page.ofItsEpoch
        )
        #expect(
            try DeltaFile(golden("delta-one-change"), dictionaries: []) == Frames.delta.ofItsEpoch
        )
        #expect(
            try DeltaFile(golden("delta-receipts-and-two-pages"), dictionaries: [])
                == Frames.twoPages.ofItsEpoch
        )
        #expect(
            try BatchDecoder.decode(golden("batch-partly-sequenced"), resolve: { _ in nil })
                == Frames.partlySequenced
        )
        let known = Frames.runs.entries[0].entry.record
        #expect(
            try BatchDecoder.decode(
                golden("batch-runs-and-single-values"),
                resolve: { _ in known }
            )
                == Frames.runs
        )
        try Tables.with { names, db in
            let state = try StateCodec.decode(golden("state-everything"), names: &names, db)
            #expect(state.0 == Frames.state.state)
            #expect(state.1 == Frames.state.ancestors)
        }
    }

    @Test func `deflated messages come back, with and without the dictionary`() throws {
        var page = Frames.page
        for counter in 10..<200 as Range<UInt64> {
            page.entries.entries.append(
                Batch.Item(
                    entry: .sample(counter: counter, text: "地笼 \(counter)"),
                    sequence: counter + 40
                )
            )
        }
        for dictionary in [nil, Frames.dictionary] {
            let bytes = page.encoded(dictionary: dictionary)
            #expect(bytes.count < 2_000)
            let decoded = try SyncResponse.decode(
                bytes,
                dictionaries: dictionary.map { [$0] } ?? [],
                resolve: { _ in nil }
            )
            #expect(decoded == page.ofItsEpoch)
        }
        let error = #expect(throws: WireError.self) {
            try SyncResponse.decode(
                page.encoded(dictionary: Frames.dictionary),
                dictionaries: [],
                resolve: { _ in nil }
            )
        }
        #expect(error?.code == .unknownVersion)
    }

    /// The frozen bytes; where there are none they are written, and nil fails the test once.
    private func bytes(of file: String, or made: [UInt8]) throws -> [UInt8]? {
        if let bytes = Fixtures.bytes(file) { return bytes }
        try Fixtures.write(made, to: file)
        Issue.record("\(file) is new: look at it and keep it")
        return nil
    }
}
