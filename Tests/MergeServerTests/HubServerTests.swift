import MergeServer
import Replication
import SyncCore
import Testing

/// A real hub on HTTP, and what stands in its place on a bad day.
@Suite struct HubServerTests {
    @Test func `two devices sync over HTTP`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet) { hub in
            let alice = try fleet.device("alice")
            let bob = try fleet.device("bob")
            try Samples.write(300, to: alice)
            let up = try await alice.synchronize(with: hub.transport())
            #expect(up.changesUp == 300)
            try await bob.synchronize(with: hub.transport())
            let sighting = try #require(try bob.records(of: Sighting.self).first?.reference)
            try bob.write { try $0.update(sighting) { $0.method = "电鱼" } }
            try await bob.synchronize(with: hub.transport())
            try await alice.synchronize(with: hub.transport())
            #expect(try fleet.picture(of: alice) == fleet.hubPicture())
            #expect(try fleet.picture(of: bob) == fleet.hubPicture())
        }
    }

    @Test func `operators see that it lives, is ready, and what it has done`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        try await ServedHub.run(fleet) { hub in
            let alice = try fleet.device("alice")
            try Samples.write(3, to: alice)
            try await alice.synchronize(with: hub.transport())
            #expect(try await hub.get("/healthz").hasSuffix("\r\n\r\nok\n"))
            #expect(try await hub.get("/readyz").hasSuffix("\r\n\r\nready\n"))
            let metrics = try await hub.get("/metrics")
            #expect(metrics.contains("text/plain; version=0.0.4"))
            for line in [
                "fieldhub_changes_stored_total 3", "fieldhub_head_sequence 3",
                "fieldhub_replicas 1", "# TYPE fieldhub_requests_total counter",
            ] { #expect(metrics.contains(line), "\(line)") }
            #expect(try await hub.get("/elsewhere").hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test func `a body that is too large is refused, announced or not`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let options = HubServer.Options(port: 0, requestsPerSecond: 0, bodyBytesMax: 2_000)
        try await ServedHub.run(fleet, options: options) { hub in
            let error = await #expect(throws: TransportError.self) {
                try await hub.transport().exchange([UInt8](repeating: 1, count: 5_000))
            }
            #expect(error?.code == .refused)
            let alice = try fleet.device("alice")
            try Samples.write(200, to: alice)
            let refusal = await #expect(throws: SyncError.self) {
                try await alice.synchronize(with: hub.transport(), options: .quick)
            }
            #expect(refusal?.code == .refused)
            let chunk = String(repeating: "a", count: 4_000)
            let answer = try await RawConnection(port: hub.port)
                .answer(
                    to: "POST /v1/sync HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\nfa0\r\n\(chunk)\r\n0\r\n\r\n"
                )
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            // What is small enough still goes through.
            var options = SyncSession.Options.quick
            options.pushBytesMax = 500
            try await alice.synchronize(with: hub.transport(), options: options)
            #expect(try alice.status().waitingChanges == 0)
        }
    }

    @Test func `a hub that stops finishes the request under way`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(5, to: alice)
        let request = try alice.nextRequest()
        try await ServedHub.run(fleet) { hub in
            let connection = try RawConnection(port: hub.port)
            connection.send(
                "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: \(request.count)\r\n\r\n"
            )
            connection.send(Array(request.prefix(request.count / 2)))
            try await Task.sleep(for: .milliseconds(200))
            await hub.shutDown()
            try await Task.sleep(for: .milliseconds(200))
            let answer = await Socket.blocking {
                connection.send(Array(request.suffix(from: request.count / 2)))
                return connection.receiveAll()
            }
            #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 200"))
        }
        #expect(try fleet.hubLog().count == 5)
        try await fleet.sync(alice)
        #expect(try alice.status().waitingChanges == 0)
        #expect(try fleet.hubLog().count == 5)
    }

    @Test func `what arrived of an upload that was cut need not be sent again`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(400, to: alice)
        let request = try alice.nextRequest()
        let digest = Transfer.digest(of: request)
        @Sendable func part(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
            Transfer.part(digest: digest, total: request.count, offset: offset, bytes: bytes)
                .encoded
        }
        try await ServedHub.run(fleet) { hub in
            let body = part(0, request)
            var connection: RawConnection? = try RawConnection(port: hub.port)
            connection?
                .send(
                    "POST /v1/sync HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n"
                )
            connection?.send(Array(body.prefix(body.count / 2)))
            try await Task.sleep(for: .milliseconds(200))
            connection = nil
            var offset = 0
            for _ in 0..<50 where offset == 0 {
                try await Task.sleep(for: .milliseconds(20))
                let answer = try await hub.transport().exchange(part(0, []))
                guard case .progress(let found) = try Transfer.downward(answer) else { break }
                offset = found
            }
            #expect(offset > request.count / 3)
            let answer = try await hub.transport()
                .exchange(part(offset, Array(request[offset...])))
            #expect(try Transfer.downward(answer) == .message(answer))
            #expect(try fleet.hubLog().count == 400)
        }
    }

    @Test func `a device that asks too often is told to wait, and gets there`() async throws {
        let fleet = try Fleet(schema: TestSchema.make())
        let options = HubServer.Options(port: 0, requestsPerSecond: 5)
        try await ServedHub.run(fleet, options: options) { hub in
            let alice = try fleet.device("alice")
            for _ in 0..<14 {
                try await alice.synchronize(with: hub.transport(), options: .quick)
            }
            #expect(fleet.service.metrics.limited.count > 0)
        }
    }

    // MARK: Bad days

    @Test func `a hub that is down is unreachable, and what was recorded waits`() async throws {
        let server = try CannedServer(answer: nil)
        let url = server.url
        server.stop()
        try await expect(.unreachable, .unreachable, from: url)
    }

    @Test func `a hub that says nothing is timed out and then unreachable`() async throws {
        let server = try CannedServer(answer: nil)
        defer { server.stop() }
        try await expect(.timedOut, .unreachable, from: server.url)
    }

    @Test func `a login page is no hub`() async throws {
        let page = "<html><body>请登录</body></html>"
        let server = try CannedServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
                + "Content-Length: \(page.utf8.count)\r\n\r\n\(page)"
        )
        defer { server.stop() }
        try await expect(.notAHub, .notAHub, from: server.url)
    }

    @Test func `a page that claims to be an answer is no hub either`() async throws {
        let page = "<html><body>请登录</body></html>"
        let server = try CannedServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.field-sync\r\n"
                + "Connection: close\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"
        )
        defer { server.stop() }
        try await expect(nil, .notAHub, from: server.url)
    }

    @Test(
        arguments: [
            (404, .notAHub, .notAHub), (403, .refused, .refused), (500, .unreachable, .unreachable),
        ] as [(Int, TransportError.Code, SyncError.Code)]
    )
    func `each status has its meaning`(
        status: Int,
        transport: TransportError.Code,
        sync: SyncError.Code
    ) async throws {
        let server = try CannedServer(
            answer: "HTTP/1.1 \(status) X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        defer { server.stop() }
        try await expect(transport, sync, from: server.url)
    }

    @Test func `a busy proxy says how long to wait`() async throws {
        let server = try CannedServer(
            answer: "HTTP/1.1 503 X\r\nRetry-After: 7\r\nConnection: close\r\n"
                + "Content-Length: 0\r\n\r\n"
        )
        defer { server.stop() }
        let transport = try HTTPTransport(url: server.url, timeoutSeconds: 5)
        let error = await #expect(throws: TransportError.self) {
            try await transport.exchange([1, 0])
        }
        #expect(error?.code == .busy(milliseconds: 7_000))
    }

    @Test func `of an answer that breaks off the part that came is kept`() async throws {
        let part = String(repeating: "x", count: 3_000)
        let server = try CannedServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.field-sync\r\n"
                + "Content-Length: 9000\r\n\r\n\(part)"
        )
        defer { server.stop() }
        let transport = try HTTPTransport(url: server.url, timeoutSeconds: 5)
        let error = await #expect(throws: TransportError.self) {
            try await transport.exchange([1, 0])
        }
        #expect(error?.code == .cut)
        #expect(error?.received.elementsEqual(part.utf8) == true)
    }

    @Test(arguments: ["", "hub", "ftp://hub", "http://", "127.0.0.1:8787", "http:///v1"])
    func `an address that is none is refused with what would be one`(url: String) {
        let error = #expect(throws: TransportError.self) { try HTTPTransport(url: url) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("http://host:port") == true)
    }

    /// What the transport and a whole sync make of what stands at an address.
    private func expect(
        _ transportCode: TransportError.Code?,
        _ syncCode: SyncError.Code,
        from url: String
    ) async throws {
        let transport = try HTTPTransport(url: url, timeoutSeconds: 1)
        do {
            _ = try await transport.exchange([1, 0])
            #expect(transportCode == nil)
        } catch {
            #expect(error.code == transportCode)
            #expect(!error.message.isEmpty)
        }
        let fleet = try Fleet(schema: TestSchema.make())
        let alice = try fleet.device("alice")
        try Samples.write(2, to: alice)
        var options = SyncSession.Options.quick
        options.triesMax = 2
        let error = await #expect(throws: SyncError.self) {
            try await alice.synchronize(with: transport, options: options)
        }
        #expect(error?.code == syncCode)
        #expect(try alice.status().waitingChanges == 2)
    }
}

extension ServedHub {
    /// The whole answer to a GET, head included.
    func get(_ path: String) async throws -> String {
        try await RawConnection(port: port)
            .answer(to: "GET \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    }
}
