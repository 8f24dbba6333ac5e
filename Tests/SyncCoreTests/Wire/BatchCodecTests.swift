import Replication
import SyncCore
import Testing

@Suite struct BatchCodecTests {
    static let seeds: [UInt64] = Array(0..<40)

    @Test(arguments: seeds)
    func `a decoded batch is the batch that was encoded`(seed: UInt64) throws {
        var random = RandomBatches(seed: seed)
        for _ in 0..<40 {
            let batch = random.batch()
            let bytes = BatchEncoder.encode(batch)
            let decoded = try BatchDecoder.decode(bytes, resolve: RandomBatches.known)
            #expect(decoded == batch)
            // `==` on texts is canonical equivalence; on bytes it is what travels.
            #expect(BatchEncoder.encode(decoded) == bytes)
        }
    }

    @Test func `equal batches have equal bytes, whatever order made them`() {
        for seed in BatchCodecTests.seeds {
            var left = RandomBatches(seed: seed)
            var right = RandomBatches(seed: seed)
            #expect(BatchEncoder.encode(left.batch()) == BatchEncoder.encode(right.batch()))
        }
    }

    @Test func `texts that are only canonically equal stay apart`() throws {
        let batch = Batch(
            entries: ["caf\u{E9}", "cafe\u{301}"].enumerated()
                .map { index, text in
                    Batch.Item(entry: .sample(counter: UInt64(index + 1), text: text))
                },
            isSequenced: false
        )
        let decoded = try BatchDecoder.decode(BatchEncoder.encode(batch), resolve: { _ in nil })
        let texts = decoded.entries.flatMap(\.entry.actions)
            .compactMap { action -> [UInt8]? in
                guard case .write(_, .text(let text)) = action else { return nil }
                return Array(text.utf8)
            }
        #expect(texts == [Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8)])
    }

    @Test func `whatever bytes are accepted, they are the only ones for their batch`() {
        var random = Seeded(99)
        var accepted = 0
        for seed in 0..<60 as Range<UInt64> {
            var batches = RandomBatches(seed: seed)
            let bytes = BatchEncoder.encode(batches.batch())
            for _ in 0..<150 {
                let mutant = Mutation.apply(to: bytes, &random)
                guard let batch = try? BatchDecoder.decode(mutant, resolve: RandomBatches.known)
                else { continue }
                accepted += 1
                if BatchEncoder.encode(batch) != mutant {
                    Issue.record("\(mutant) also means \(BatchEncoder.encode(batch))")
                }
            }
        }
        #expect(accepted > 500, "the mutations are too rough to prove anything")
    }

    @Test func `a batch of a hub number that nobody knows is refused`() {
        let item = Batch.Item(entry: .sample(), recordNumber: 9, sequence: 1)
        let bytes = BatchEncoder.encode(Batch(entries: [item], isSequenced: true))
        #expect(throws: WireError.self) { try BatchDecoder.decode(bytes, resolve: { _ in nil }) }
        #expect(throws: Never.self) {
            try BatchDecoder.decode(bytes, resolve: { _ in RecordKey(type: 1, id: .named("n")) })
        }
    }

    @Test func `an ordinary edit costs few bytes`() {
        let items = (0..<100 as Range<UInt64>)
            .map {
                Batch.Item(entry: .sample(counter: $0 + 1, text: "电鱼"), recordNumber: $0 + 1)
            }
        #expect(BatchEncoder.encode(Batch(entries: items, isSequenced: false)).count < 400)
    }
}

@Suite struct IntegerColumnTests {
    @Test func `every short column of small numbers comes back`() throws {
        for count in 0...7 {
            let columns = (0..<count).reduce(1) { power, _ in power * 3 }
            for code in 0..<columns {
                var rest = code
                let values = (0..<count)
                    .map { _ in
                        defer { rest /= 3 }
                        return UInt64(rest % 3)
                    }
                var writer = ByteWriter()
                IntegerColumn.encode(values, into: &writer)
                var reader = ByteReader(writer.bytes, part: "column")
                #expect(try IntegerColumn.decode(count, from: &reader) == values)
                try reader.finish()
            }
        }
    }

    @Test func `every short byte string that is a column is the only one for its values`() {
        var accepted = 0
        for count in 1...5 {
            for length in 1...4 {
                for code in 0..<(1 << (3 * length)) {
                    // Eight bytes are enough for every header and value of a short column.
                    let bytes = (0..<length).map { UInt8((code >> (3 * $0)) & 7) }
                    var reader = ByteReader(bytes, part: "column")
                    guard let values = try? IntegerColumn.decode(count, from: &reader),
                        reader.remaining == 0
                    else { continue }
                    accepted += 1
                    var writer = ByteWriter()
                    IntegerColumn.encode(values, into: &writer)
                    #expect(writer.bytes == bytes, "\(values) in a column of \(count)")
                }
            }
        }
        #expect(accepted > 100)
    }

    @Test func `long runs and large numbers come back`() throws {
        let columns: [[UInt64]] = [
            Array(repeating: .max, count: 5_000),
            Array(repeating: 0, count: 3) + [.max, .max] + Array(repeating: 7, count: 4),
            (0..<300).map { UInt64($0) }, [0, 0], [.max],
        ]
        for values in columns {
            var writer = ByteWriter()
            IntegerColumn.encode(values, into: &writer)
            var reader = ByteReader(writer.bytes, part: "column")
            #expect(try IntegerColumn.decode(values.count, from: &reader) == values)
        }
    }
}

@Suite struct ValueCodecTests {
    @Test func `values alone come back, byte for byte`() throws {
        var random = RandomBatches(seed: 5)
        for _ in 0..<2_000 {
            let value = random.value()
            var writer = ByteWriter()
            ValueCodec.encode(value, into: &writer)
            var reader = ByteReader(writer.bytes, part: "value")
            #expect(try ValueCodec.decode(from: &reader) == value)
            try reader.finish()
        }
    }

    @Test func `a UUID written as text is refused`() throws {
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"
        var value = ByteWriter()
        value.byte(6)
        value.text(uuid)
        var reader = ByteReader(value.bytes, part: "value")
        let error = #expect(throws: WireError.self) { try ValueCodec.decode(from: &reader) }
        #expect(error?.code == .notCanonical)
        var name = ByteWriter()
        name.byte(1)
        name.text(uuid)
        reader = ByteReader(name.bytes, part: "identity")
        let second = #expect(throws: WireError.self) { try ValueCodec.decodeID(from: &reader) }
        #expect(second?.code == .notCanonical)
    }
}
