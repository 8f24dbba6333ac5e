import MergeServer
import Replication
import SyncCore
import Testing

/// What the hub makes of messages that no honest device sends.
@Suite struct MergeServiceTests {
    @Test func `a request that is cut at any byte is refused and nothing is stored`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(3, to: alice)
        let request = try alice.nextRequest()
        for length in 0..<request.count {
            let answer = try fleet.ask(Array(request.prefix(length)))
            guard case .refused(_, let message) = answer.status else {
                Issue.record("cut at \(length): \(answer.status)")
                return
            }
            #expect(!message.isEmpty)
        }
        #expect(try fleet.hubLog().isEmpty)
        #expect(fleet.service.metrics.malformed.count == request.count)
        #expect(try fleet.ask(request + [0]).status != .done)
        try await fleet.sync(alice)
        #expect(try fleet.hubLog().count == 3)
    }

    @Test func `a request with any byte changed gets an answer and harms no order`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(1, to: alice)
        let request = try alice.nextRequest()
        for index in request.indices {
            for mask: UInt8 in [0x01, 0x02, 0x10, 0x40, 0x80, 0xFF] {
                var changed = request
                changed[index] ^= mask
                #expect(Transfer.isAnswer(fleet.service.handle(changed)), "byte \(index)")
            }
        }
        let log = try fleet.hubLog()
        #expect(log.map(\.sequence) == log.indices.map { UInt64($0) + 1 })
        #expect(fleet.service.metrics.failures.count == 0)
    }

    @Test func `ten thousand random messages get an answer each`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        var dice = Dice(seed: 40)
        for number in 0..<10_000 {
            var message = (0..<dice.below(120)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
            // Half of them get past the first checks.
            if number % 2 == 0, message.count > 1 {
                message[0] = UInt8(1 + dice.below(3))
                message[1] &= 15
            }
            let answer = fleet.service.handle(message)
            #expect(Transfer.isAnswer(answer), "case \(number)")
        }
        #expect(try fleet.hubLog().isEmpty)
        #expect(fleet.service.metrics.failures.count == 0)
    }

    @Test func `a bomb is refused before it takes memory`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let zeros = [UInt8](repeating: 0, count: 12 << 20)
        let bomb = try #require(Deflate.compress(zeros, level: 9))
        for announced in [zeros.count, 100, 33 << 20, Int.max] {
            var writer = ByteWriter()
            writer.raw(Hostile.head(flags: 5))
            writer.byte(1)
            writer.count(announced)
            writer.raw(bomb)
            guard case .refused = try fleet.ask(writer.bytes).status else {
                Issue.record("\(announced) bytes were taken")
                continue
            }
        }
        #expect(fleet.service.metrics.malformed.count == 4)
    }

    @Test func `too many scopes and scopes out of order are refused`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let many = (0..<5_000).map { "town=\(100_000 + $0)" }
        for scopes in [many, ["b", "a"], ["a", "a"]] {
            let request = SyncRequest(
                caller: .introduction(Hostile.introduction(scopes)),
                cursor: 0
            )
            guard case .refused = try fleet.ask(request.encoded(dictionary: nil)).status else {
                Issue.record("\(scopes.prefix(2)) were taken")
                continue
            }
        }
        #expect(try fleet.storage.statistics().replicas == 0)
        let most = Array(many.prefix(4_096))
        let request = SyncRequest(caller: .introduction(Hostile.introduction(most)), cursor: 0)
        #expect(try fleet.ask(request.encoded(dictionary: nil)).status == .done)
    }

    @Test(arguments: [0, 4, 9, 0x3C, 0xFF] as [UInt8])
    func `a message of another kind or protocol is refused by its number`(kind: UInt8) throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let answer = try fleet.ask([kind] + Array("html><body>".utf8))
        guard case .refused(let code, let message) = answer.status else {
            Issue.record("\(answer.status)")
            return
        }
        #expect(code == 1)
        #expect(message.contains("\(kind)"))
    }

    @Test func `an unknown dictionary, registration, epoch and cursor each get their answer`()
        async throws
    {
        let fleet = try Fleet(schema: TestSchema.make())
        let strange = SyncRequest(caller: .registered(number: 5, tag: 5), cursor: 0)
        #expect(try fleet.ask(strange.encoded(dictionary: nil)).status == .introduce)
        var introduction = Hostile.introduction([])
        introduction.epoch = Epoch(high: 1, low: 2)
        let older = SyncRequest(caller: .introduction(introduction), cursor: 0)
        #expect(
            try fleet.ask(older.encoded(dictionary: nil)).status
                == .newEpoch(fleet.storage.epoch)
        )
        let ahead = SyncRequest(caller: .introduction(Hostile.introduction([])), cursor: 9)
        #expect(
            try fleet.ask(ahead.encoded(dictionary: nil)).status
                == .newEpoch(fleet.storage.epoch)
        )
        let dictionary = CompressionDictionary(version: 9, text: "观察记录第次")
        let alice = try fleet.device("alice", dictionary: dictionary)
        try Samples.write(40, to: alice)
        // The device does without a dictionary that the hub does not know.
        #expect(try await fleet.sync(alice).map(\.changesUp) == [40])
    }

    @Test func `a device cannot push another's changes as its own sequence`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(2, to: alice)
        let entries = try alice.read { try $0.outbox() }.map { Batch.Item(entry: $0.entry) }
        let gap = SyncRequest(
            caller: .introduction(Hostile.introduction([])),
            cursor: 0,
            push: Batch(entries: Array(entries.dropFirst()), isSequenced: false)
        )
        guard case .refused = try fleet.ask(gap.encoded(dictionary: nil)).status else {
            Issue.record("a gap in a peer's changes was taken")
            return
        }
        #expect(try fleet.hubLog().isEmpty)
    }

    // MARK: Resuming

    @Test func `an answer resumed at any byte is the answer`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(120, to: alice)
        _ = try fleet.ask(alice.nextRequest())
        let bob = try fleet.device("bob")
        let request = try bob.nextRequest()
        let answer = fleet.service.handle(request)
        #expect(answer.count > 1_024)
        let digest = Transfer.digest(of: request)
        for offset in 0...answer.count {
            let part = fleet.service.handle(Transfer.resume(digest: digest, offset: offset).encoded)
            guard case .rest(let rest?) = try Transfer.downward(part) else {
                Issue.record("no rest at \(offset)")
                return
            }
            #expect(rest.completing(Array(answer.prefix(offset))) == answer, "\(offset)")
        }
        for (name, offset) in [(digest, answer.count + 1), (digest ^ 1, 0)] {
            let part = fleet.service.handle(Transfer.resume(digest: name, offset: offset).encoded)
            #expect(try Transfer.downward(part) == .rest(nil))
        }
    }

    @Test func `an upload in parts of any size is the request, whatever comes twice`() throws {
        for size in [1, 7, 100, 1_000] {
            let fleet = try Fleet(schema: TestSchema.make())
            let alice = try fleet.device("alice")
            try Samples.write(20, to: alice)
            let request = try alice.nextRequest()
            let digest = Transfer.digest(of: request)
            var answer: [UInt8] = []
            for offset in stride(from: 0, to: request.count, by: size) {
                for start in [max(0, offset - 3), offset, offset + 2] where start <= request.count {
                    let end = min(request.count, offset + size)
                    let part = Transfer.part(
                        digest: digest,
                        total: request.count,
                        offset: start,
                        bytes: start < end ? Array(request[start..<end]) : []
                    )
                    answer = fleet.service.handle(part.encoded)
                    if try fleet.storage.statistics().head > 0 { break }
                }
            }
            #expect(try fleet.hubLog().count == 20, "\(size)")
            #expect(try Transfer.downward(answer) == .message(answer), "\(size)")
        }
    }

    @Test func `parts that do not add up to their digest are refused`() throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(2, to: alice)
        let request = try alice.nextRequest()
        let part = Transfer.part(digest: 1, total: request.count, offset: 0, bytes: request)
        guard case .refused = try fleet.ask(part.encoded).status else {
            Issue.record("it was taken")
            return
        }
        #expect(try fleet.hubLog().isEmpty)
    }

    @Test func `unfinished uploads are kept within a limit and the oldest goes first`() throws {
        let fleet = try Fleet(schema: TestSchema.make(), transferBytesMax: 20_000)
        func send(_ digest: UInt64, _ bytes: [UInt8], total: Int = 5_000) throws -> Transfer {
            let part = Transfer.part(digest: digest, total: total, offset: 0, bytes: bytes)
            return try Transfer.downward(fleet.service.handle(part.encoded))
        }
        let half = [UInt8](repeating: 7, count: 2_500)
        for digest in 1...9 as ClosedRange<UInt64> {
            #expect(try send(digest, half) == .progress(offset: 2_500))
        }
        #expect(try send(1, []) == .progress(offset: 0))
        #expect(try send(9, []) == .progress(offset: 2_500))
        // Many tiny ones cost their bookkeeping too.
        for digest in 100...1_100 as ClosedRange<UInt64> { _ = try send(digest, [1]) }
        #expect(try send(100, []) == .progress(offset: 0))
        #expect(try send(1_100, []) == .progress(offset: 1))
        // What is larger than all the room is not kept.
        #expect(try send(2_000, half, total: 30_000) == .progress(offset: 2_500))
        #expect(try send(2_000, [], total: 30_000) == .progress(offset: 0))
    }

    @Test func `recent answers are kept within a limit`() throws {
        let fleet = try Fleet(schema: TestSchema.make(), transferBytesMax: 12_000)
        let alice = try fleet.device("alice")
        try Samples.write(150, to: alice)
        _ = try fleet.ask(alice.nextRequest())
        var digests: [UInt64] = []
        for number in 0..<12 {
            let reader = try fleet.device("reader \(number)")
            let request = try reader.nextRequest()
            #expect(fleet.service.handle(request).count > 1_024)
            digests.append(Transfer.digest(of: request))
        }
        let isKept = try digests.map { digest in
            let part = fleet.service.handle(Transfer.resume(digest: digest, offset: 0).encoded)
            return try Transfer.downward(part) != .rest(nil)
        }
        #expect(isKept.first == false)
        #expect(isKept.last == true)
    }
}

/// Requests that are made by hand.
enum Hostile {
    static func introduction(_ scopes: [String]) -> SyncRequest.Introduction {
        SyncRequest.Introduction(
            replica: ReplicaID(0xBAD),
            epoch: nil,
            schemaVersion: 1,
            acknowledged: 0,
            dictionaryVersion: 0,
            scopes: scopes
        )
    }

    /// A request up to its push, with these flags.
    static func head(flags: UInt8) -> [UInt8] {
        var bytes = SyncRequest(caller: .introduction(introduction([])), cursor: 0)
            .encoded(dictionary: nil)
        bytes[1] = flags
        return bytes
    }
}

extension Replica {
    /// The request that a sync would send next.
    func nextRequest() throws -> [UInt8] {
        let effect = SyncSession.Effect.prepare(pushBytesMax: 1 << 20, pullBytesMax: nil)
        guard case .prepared(let request, _, _) = perform(effect) else {
            throw SyncError(.store, "no request")
        }
        return request
    }
}

extension Fleet {
    /// Sends a message to the hub and reads its answer.
    func ask(_ message: [UInt8]) throws -> SyncResponse {
        try SyncResponse.decode(service.handle(message), dictionaries: [], resolve: { _ in nil })
    }
}

extension Transfer {
    /// Whether a device can read this.
    static func isAnswer(_ bytes: [UInt8]) -> Bool {
        guard let transfer = try? Transfer.downward(bytes) else { return false }
        guard case .message(let message) = transfer else { return true }
        let key = RecordKey(type: 1, id: .named("any"))
        return (try? SyncResponse.decode(message, dictionaries: [], resolve: { _ in key })) != nil
    }
}
