import DiskFaults
import GRDB
import MergeServer
import Replication
import SyncCore
import Testing

/// Whatever comes to a hub gets an answer that says what is wrong, and its log stays as it was.
@Suite struct HostileRequestTests {
    /// A message by name, made of a request that a hub would take.
    struct Message: Sendable {
        let name: String
        /// What the answer must be.
        let answer: Answer
        let make: @Sendable (Honest) throws -> [UInt8]

        init(
            _ name: String,
            _ answer: Answer,
            _ make: @escaping @Sendable (Honest) throws -> [UInt8]
        ) {
            self.name = name
            self.answer = answer
            self.make = make
        }
    }

    /// How a hub answers.
    enum Answer: Sendable {
        /// With a refusal that holds these words.
        case refused(String)
        /// With "introduce yourself".
        case introduce
        /// With the counter that it expects.
        case gap
        /// With the epoch of its own.
        case newEpoch
        /// With something of the transfer's.
        case transfer
    }

    /// What an honest device would send.
    struct Honest {
        let replica: ReplicaID
        let epoch: Epoch
        let bytes: [UInt8]

        func introduction(
            as replica: ReplicaID? = nil,
            epoch: Epoch?? = .none,
            scopes: [String] = [],
            transition: SyncRequest.Transition? = nil
        ) -> SyncRequest.Caller {
            .introduction(
                SyncRequest.Introduction(
                    replica: replica ?? self.replica,
                    epoch: epoch ?? self.epoch,
                    schemaVersion: 1,
                    acknowledged: 0,
                    dictionaryVersion: 0,
                    scopes: scopes,
                    transition: transition
                )
            )
        }

        func push(
            counter: UInt64 = 1,
            part: UInt32 = 0,
            parts: UInt32 = 1,
            base: UInt64 = 0,
            wallTime: Int64 = 1_785_744_000_000,
            _ actions: [Operation.Action] = People.titled("电鱼"),
            on record: RecordKey = People.sighting("r"),
            cursor: UInt64 = 0,
            isSequenced: Bool = false
        ) -> [UInt8] {
            let entry = LogEntry(
                dot: Dot(replica, counter),
                part: part,
                parts: parts,
                context: CausalContext(base: base),
                timestamp: HybridTimestamp(wallTime: wallTime),
                author: "alice",
                reason: "",
                record: record,
                actions: actions
            )
            let item = Batch.Item(entry: entry, sequence: isSequenced ? 9 : 0)
            return SyncRequest(
                caller: introduction(),
                cursor: cursor,
                push: Batch(entries: [item], isSequenced: isSequenced)
            )
            .encoded(dictionary: nil)
        }
    }

    static let messages: [Message] = [
        Message("nothing", .refused("ends here")) { _ in [] },
        Message("a zero", .refused("message")) { _ in [0] },
        Message("kind 9", .refused("9")) { _ in [9, 1, 2, 3] },
        Message("kind 255", .refused("255")) { _ in [255] },
        Message("a web page", .refused("message")) { _ in Array("<!DOCTYPE html>".utf8) },
        Message("JSON", .refused("message")) { _ in Array("{\"push\":[]}".utf8) },
        Message("a delta", .refused("message")) { _ in
            DeltaFile(batch: Batch(isSequenced: false)).encoded(dictionary: nil)
        },
        Message("an answer", .refused("request")) { _ in
            SyncResponse(status: .done, through: 5, head: 9).encoded(dictionary: nil)
        },
        Message("a request cut in half", .refused("request")) {
            Array($0.bytes.prefix(12))
        },
        Message("a request without its last byte", .refused("at byte")) {
            Array($0.push().dropLast())
        },
        Message("a request with a byte more", .refused("at byte")) { $0.push() + [0] },
        Message("every flag", .refused("flags")) { honest in
            var bytes = honest.bytes
            bytes[1] = 255
            return bytes
        },
        Message("zeros behind the kind", .refused("request")) { _ in
            [1] + Array(repeating: 0, count: 3)
        },
        Message("ones behind the kind", .refused("flags")) { _ in
            [1] + Array(repeating: 255, count: 64)
        },
        Message("a number that the hub never gave", .introduce) { _ in
            SyncRequest(caller: .registered(number: 99, tag: 1), cursor: 0)
                .encoded(dictionary: nil)
        },
        Message("the tag of another", .introduce) { _ in
            SyncRequest(caller: .registered(number: 1, tag: 0xFFFF_FFFF), cursor: 0)
                .encoded(dictionary: nil)
        },
        Message("the last number", .introduce) { _ in
            SyncRequest(caller: .registered(number: UInt64(Int64.max), tag: 1), cursor: 0)
                .encoded(dictionary: nil)
        },
        Message("another epoch", .newEpoch) { honest in
            SyncRequest(
                caller: honest.introduction(epoch: Epoch(high: 7, low: 7)),
                cursor: 5
            )
            .encoded(dictionary: nil)
        },
        Message("a change too late", .gap) { $0.push(counter: 5) },
        Message("the last counter", .gap) { $0.push(counter: UInt64(Int64.max)) },
        Message("a push with numbers of the hub", .refused("number")) {
            $0.push(isSequenced: true)
        },
        Message("a change without its second part", .refused("")) { $0.push(parts: 2) },
        Message("the second part alone", .refused("")) { $0.push(part: 1, parts: 2) },
        Message("a past that has not been", .newEpoch) {
            $0.push(base: UInt64(Int64.max))
        },
        Message("the rest of nothing", .transfer) { _ in
            Transfer.resume(digest: 7, offset: 0).encoded
        },
        Message("a part of nothing", .refused("add up")) { _ in
            Transfer.part(digest: 7, total: 0, offset: 0, bytes: []).encoded
        },
        Message("parts that do not add up", .refused("add up")) { _ in
            Transfer.part(digest: 7, total: 4, offset: 0, bytes: [1, 2, 3, 4]).encoded
        },
        Message("a part from the middle", .transfer) { _ in
            Transfer.part(digest: 8, total: 1_000, offset: 500, bytes: [1, 2, 3]).encoded
        },
        Message("a part of more than a message holds", .refused("allowed")) { _ in
            [3, 1, 2, 3, 4, 5, 6, 7, 8] + [0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0]
        },
        Message("a body over its limit", .refused("bytes")) { _ in
            Array(repeating: 1, count: (8 << 20) + 1)
        },
        Message("a bomb", .refused("bomb")) { honest in
            let head = SyncRequest(caller: honest.introduction(), cursor: 0)
                .encoded(dictionary: nil)
            let zeros = Deflate.compress(Array(repeating: 0, count: 8 << 20)) ?? []
            // Flag 4 says that a push follows: mode 1 and the size, then DEFLATE.
            return [head[0], head[1] | 4] + head.dropFirst(2) + [1, 0x80, 0x80, 0x80, 4] + zeros
        },
        Message("noise in the place of a push", .refused("compressed")) { honest in
            let head = SyncRequest(caller: honest.introduction(), cursor: 0)
                .encoded(dictionary: nil)
            return [head[0], head[1] | 4] + head.dropFirst(2) + [1, 30, 0xFF, 0xFE, 0x07, 0x55]
        },
        Message("a dictionary that the hub has not", .refused("dictionary")) { honest in
            let head = SyncRequest(caller: honest.introduction(), cursor: 0)
                .encoded(dictionary: nil)
            return [head[0], head[1] | 4] + head.dropFirst(2) + [2, 99, 30, 1, 2, 3]
        },
    ]

    /// What the hub has recorded of changes.
    private func recorded(_ fleet: Fleet) throws -> [String] {
        let queue = try DatabaseQueue(path: fleet.folder + "/hub/store.sqlite")
        defer { try? queue.close() }
        return try queue.read { db in
            try StoreRows.all(db)
                .filter { row in
                    ["check", "log", "record", "quarantine", "scope_entry", "record_scope"]
                        .contains { row.hasPrefix($0 + ":") }
                }
        }
    }

    @Test(arguments: 0..<messages.count)
    func `a message that cannot be followed is answered and changes nothing`(index: Int) throws {
        let message = HostileRequestTests.messages[index]
        let fleet = try Fleet(schema: TestSchema.make())
        let bob = try fleet.device("bob")
        try Samples.write(3, to: bob)
        _ = fleet.service.handle(try bob.nextRequest())
        let alice = try fleet.device("alice")
        let honest = Honest(
            replica: alice.id,
            epoch: fleet.storage.epoch,
            bytes: try alice.nextRequest()
        )
        let before = try recorded(fleet)
        #expect(before.contains { $0.hasPrefix("log:") })
        let bytes = fleet.service.handle(try message.make(honest))
        try check(bytes, message)
        // Who has seen more than there is proves that the hub was restored; its operator is told.
        let isProof = message.name == "a past that has not been"
        #expect((fleet.service.metrics.takeFailure() != nil) == isProof, "\(message.name)")
        #expect(try recorded(fleet) == before, "\(message.name)")
        // The hub goes on.
        #expect(try fleet.ask(honest.bytes).status == .done)
    }

    private func check(_ bytes: [UInt8], _ message: Message) throws {
        if case .transfer = message.answer {
            guard case .message = try Transfer.downward(bytes) else { return }
            Issue.record("\(message.name) was answered as a request")
            return
        }
        let answer = try SyncResponse.decode(bytes, dictionaries: [], resolve: { _ in nil })
        switch (message.answer, answer.status) {
        case (.refused(let words), .refused(_, let text)):
            #expect(!text.isEmpty && text.contains(words), "\(message.name): \(text)")
        case (.introduce, .introduce), (.gap, .gap), (.newEpoch, .newEpoch): break
        default: Issue.record("\(message.name) was answered \(answer.status)")
        }
    }

    /// HTTP as no client of ours speaks it.
    static let requests: [(name: String, text: String)] = [
        ("another method", "PUT /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
        ("reading what is written to", "GET /v1/sync HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("an unknown path", "POST /v2/sync HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
        ("a path that climbs", "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"),
        (
            "a path that climbs in disguise",
            "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n"
        ),
        ("a path with U+0000", "GET /\u{0}healthz HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("a path with %00", "GET /healthz%00.txt HTTP/1.1\r\nHost: h\r\n\r\n"),
        (
            "a path of 100 KB",
            "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\n\r\n"
        ),
        ("no version", "GET /v1/sync\r\n\r\n"),
        ("version 9.9", "POST /v1/sync HTTP/9.9\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
        ("a method of its own", "SYNC /v1/sync HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("a method of noise", "\u{1}\u{2}\u{3} /v1/sync HTTP/1.1\r\n\r\n"),
        ("a length below zero", "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"),
        ("a length of letters", "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: ten\r\n\r\n"),
        (
            "a length of 65 bits",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n"
        ),
        (
            "a length of 8 exabytes",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\n"
        ),
        (
            "two lengths",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"
        ),
        (
            "a length and chunks",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n"
        ),
        (
            "chunks in disguise",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"
        ),
        (
            "a chunk of 68 bits",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "FFFFFFFFFFFFFFFFF\r\nx\r\n"
        ),
        (
            "a chunk below zero",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n"
        ),
        (
            "a chunk of no number",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n"
        ),
        (
            "a chunk that is longer than it says",
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"
        ),
        ("a header without a colon", "POST /v1/sync HTTP/1.1\r\nHost h\r\n\r\n"),
        ("a header with U+0000", "POST /v1/sync HTTP/1.1\r\nHost: \u{0}\r\n\r\n"),
        ("a header without a name", "POST /v1/sync HTTP/1.1\r\n: h\r\n\r\n"),
        ("a space before the colon", "POST /v1/sync HTTP/1.1\r\nContent-Length : 0\r\n\r\n"),
        (
            "a header over two lines",
            "POST /v1/sync HTTP/1.1\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"
        ),
        ("line feeds alone", "POST /v1/sync HTTP/1.1\nHost: h\nContent-Length: 0\n\n"),
        ("carriage returns alone", "POST /v1/sync HTTP/1.1\rHost: h\r\r"),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("an upgrade", "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
        ("a hello of TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}"),
        (
            "a packed body",
            "POST /v1/sync HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab"
        ),
        ("half a request line", "POST /v1/sy"),
        ("a tunnel", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n"),
    ]

    @Test func `what is no request of ours is refused, and the hub goes on`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let bob = try fleet.device("bob")
        try Samples.write(3, to: bob)
        try await fleet.sync(bob)
        let before = try recorded(fleet)
        let options = HubServer.Options(port: 0, requestsPerSecond: 0, requestSecondsMax: 1)
        try await ServedHub.run(fleet, options: options) { hub in
            try await withThrowingTaskGroup(of: (String, [UInt8]).self) { group in
                for (name, text) in HostileRequestTests.requests {
                    group.addTask {
                        let connection = try RawConnection(port: hub.port)
                        return await Socket.blocking {
                            connection.send(text)
                            return (name, connection.receiveAll())
                        }
                    }
                }
                for try await (name, answer) in group {
                    HostileRequestTests.expectRefusal(answer, name)
                }
            }
            #expect(try await hub.get("/healthz").hasSuffix("ok\n"))
            try await bob.synchronize(with: hub.transport())
        }
        #expect(try recorded(fleet) == before)
    }

    /// No answer, an error of HTTP, or the protocol's own refusal.
    private static func expectRefusal(_ answer: [UInt8], _ name: String) {
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200") else {
            #expect(text.isEmpty || text.hasPrefix("HTTP/1."), "\(name): \(text.prefix(80))")
            #expect(!text.hasPrefix("HTTP/1.1 5"), "\(name): \(text.prefix(80))")
            return
        }
        let parts = answer.split(separator: [13, 10, 13, 10], maxSplits: 1)
        let body = parts.count > 1 ? Array(parts[1]) : []
        let response = try? SyncResponse.decode(body, dictionaries: [], resolve: { _ in nil })
        guard case .refused? = response?.status else {
            Issue.record("\(name) was answered \(text.prefix(200))")
            return
        }
    }
}
