import MergeServer
import Replication
import SyncCore
import Synchronization
import Testing

/// What a hub on HTTP does with those who hold it up.
@Suite struct HubServerLimitTests {
    private func options(requestSecondsMax: Int = 120) -> HubServer.Options {
        HubServer.Options(
            port: 0,
            requestsPerSecond: 0,
            requestSecondsMax: requestSecondsMax,
            drainSecondsMax: 1
        )
    }

    /// Sends the head and the first half of a request.
    private func sendHalf(_ request: [UInt8], _ connection: RawConnection) {
        connection.send(
            "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: \(request.count)\r\n\r\n"
        )
        connection.send(Array(request.prefix(request.count / 2)))
    }

    @Test func `a body that takes too long is cut, and what arrived of it is kept`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(50, to: alice)
        let request = try alice.nextRequest()
        let digest = Transfer.digest(of: request)
        try await ServedHub.run(fleet, options: options(requestSecondsMax: 1)) { hub in
            let part = Transfer.part(
                digest: digest,
                total: request.count,
                offset: 0,
                bytes: request
            )
            let connection = try RawConnection(port: hub.port)
            sendHalf(part.encoded, connection)
            let answer = await Socket.blocking { connection.receiveAll() }
            #expect(!String(decoding: answer, as: UTF8.self).contains(" 200 "))
            let empty = Transfer.part(digest: digest, total: request.count, offset: 0, bytes: [])
            let progress = try await hub.transport().exchange(empty.encoded)
            guard case .progress(let offset) = try Transfer.downward(progress) else {
                Issue.record("what arrived is not known")
                return
            }
            #expect(offset > request.count / 3)
            // A connection that says nothing is closed too.
            let idle = try RawConnection(port: hub.port)
            #expect(await Socket.blocking { idle.receiveAll() }.isEmpty)
            try await alice.synchronize(with: hub.transport())
        }
        #expect(try fleet.hubLog().count == 50)
    }

    @Test func `a slow body does not hold up a hub that stops`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(5, to: alice)
        let request = try alice.nextRequest()
        let connections = Mutex<[RawConnection]>([])
        let clock = ContinuousClock()
        let start = clock.now
        try await ServedHub.run(fleet, options: options()) { hub in
            let connection = try RawConnection(port: hub.port)
            connections.withLock { $0.append(connection) }
            sendHalf(request, connection)
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(clock.now - start < .seconds(60))
        #expect(try fleet.hubLog().isEmpty)
    }

    @Test func `too many headers and headers that are too long are refused`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet, options: options()) { hub in
            let many = (0..<200_000).map { "h\($0): x\r\n" }.joined()
            let long = "h: " + String(repeating: "x", count: 90 << 10) + "\r\n"
            for headers in [many, long] {
                let answer = try await RawConnection(port: hub.port)
                    .answer(
                        to: "POST /v1/sync HTTP/1.1\r\nHost: h\r\n\(headers)"
                            + "Content-Length: 0\r\n\r\n"
                    )
                #expect(!answer.contains(" 200 "))
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
            }
            #expect(try await hub.get("/healthz").hasSuffix("ok\n"))
        }
    }

    @Test func `beyond what it can work on at once a hub says that it is busy`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        var options = options()
        options.requestsInFlightMax = 0
        options.requestsQueuedMax = 0
        try await ServedHub.run(fleet, options: options) { hub in
            let answer = try await hub.transport().exchange([1, 0])
            let response = try SyncResponse.decode(answer, dictionaries: [], resolve: { _ in nil })
            #expect(response.status == .busy(milliseconds: 500))
            #expect(try await hub.get("/readyz").hasSuffix("ready\n"))
        }
    }

    @Test func `bodies beyond the memory for all of them are told to come back`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        var options = options()
        options.bodyBytesInAllMax = 1_000
        try await ServedHub.run(fleet, options: options) { hub in
            for _ in 1...3 {
                let answer = try await hub.transport().exchange([UInt8](repeating: 1, count: 5_000))
                let response = try SyncResponse.decode(
                    answer,
                    dictionaries: [],
                    resolve: { _ in nil }
                )
                #expect(response.status == .busy(milliseconds: 2_000))
            }
            // What was taken was given back.
            let alice = try fleet.device("alice")
            try await alice.synchronize(with: hub.transport())
        }
    }
}
