import SyncCore
import Testing

@Suite struct DeflateTests {
    private func inflate(
        _ bytes: [UInt8],
        size: Int,
        dictionary: [UInt8] = []
    ) throws(WireError) -> [UInt8] {
        try Deflate.inflate(bytes[...], size: size, dictionary: dictionary)
    }

    @Test func `bytes of every length come back, with every dictionary`() throws {
        var random = Seeded(1)
        let words = ["电鱼", "地笼", "town=330502100", "alice", "0123456789"]
        for length in [0, 1, 2, 100, 5_000, 7_500, 7_501, 70_000] {
            var bytes: [UInt8] = []
            while bytes.count < length { bytes += Array(random.pick(words).utf8) }
            bytes.removeLast(bytes.count - length)
            for dictionary in [[], Array("alice 电鱼 地笼".utf8), Array(repeating: 7, count: 40_000)] {
                let packed = try #require(Deflate.compress(bytes, dictionary: dictionary))
                #expect(try inflate(packed, size: length, dictionary: dictionary) == bytes)
            }
        }
    }

    @Test func `a small message finds what lies as far back as it can`() throws {
        var seeded = Seeded(9)
        // What repeats stands at both ends, and nothing between helps.
        let word = (0..<200).map { _ in UInt8(seeded.below(256)) }
        let between = (0..<7_100).map { _ in UInt8(seeded.below(256)) }
        let apart = try #require(Deflate.compress(word + between + word))
        let once = try #require(Deflate.compress(word + between))
        // Beside what a code for bytes that do not repeat costs.
        #expect(apart.count < once.count + 100)
        let told = try #require(Deflate.compress(word, dictionary: word + between))
        #expect(told.count < 20)
    }

    @Test func `a dictionary makes small messages smaller`() throws {
        let text = Array("town=330502100 电鱼 alice".utf8)
        let plain = try #require(Deflate.compress(text))
        let helped = try #require(Deflate.compress(text, dictionary: text))
        #expect(helped.count * 3 < plain.count)
    }

    @Test func `the announced size must be the size`() throws {
        let packed = try #require(Deflate.compress(Array(repeating: 1, count: 1_000)))
        for size in [0, 1, 999, 1_001, 100_000] {
            let error = #expect(throws: WireError.self) { try inflate(packed, size: size) }
            #expect(error?.code == .compression)
        }
    }

    @Test func `a stream that is cut, goes on or is damaged is refused`() throws {
        let bytes = (0..<2_000).map { UInt8($0 % 251) }
        let packed = try #require(Deflate.compress(bytes))
        for count in 0..<packed.count {
            #expect(throws: WireError.self) {
                try inflate(Array(packed.prefix(count)), size: 2_000)
            }
        }
        #expect(throws: WireError.self) { try inflate(packed + [0], size: 2_000) }
        var random = Seeded(4)
        for _ in 0..<2_000 {
            let mutant = Mutation.apply(to: packed, &random)
            if let found = try? inflate(mutant, size: 2_000) { #expect(found.count == 2_000) }
        }
    }

    @Test func `another dictionary gives other bytes or an error, never a trap`() throws {
        let bytes = Array("电鱼 地笼 alice bob".utf8)
        let packed = try #require(Deflate.compress(bytes, dictionary: bytes))
        #expect((try? inflate(packed, size: bytes.count)) != bytes)
        let other = Array(repeating: UInt8(0x20), count: 64)
        #expect((try? inflate(packed, size: bytes.count, dictionary: other)) != bytes)
    }

    @Test func `a block is stored where deflate does not pay, or would look like a bomb`() throws {
        var seeded = Seeded(6)
        let random = (0..<500).map { _ in UInt8(seeded.below(256)) }
        for (bytes, mode) in [
            (random, 0), ([], 0), (Array("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8), 1),
            (Array(repeating: UInt8(0), count: 1 << 20), 0),
        ] as [([UInt8], UInt8)] {
            var writer = ByteWriter()
            CompressedBlock.encode(bytes, dictionary: nil, into: &writer)
            #expect(writer.bytes[0] == mode)
            var reader = ByteReader(writer.bytes, part: "block")
            let back = try CompressedBlock.decode(
                from: &reader,
                dictionaries: [],
                limits: .standard
            )
            #expect(back == bytes)
        }
    }
}
