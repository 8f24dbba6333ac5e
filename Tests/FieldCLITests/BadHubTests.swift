import Foundation
import Interchange
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A hub that is none, or hardly one: the device says so and keeps what it has.
@Suite struct BadHubTests {
    /// Takes connections on a free port of this machine and answers each with the same bytes.
    private final class Listener: Sendable {
        let port: UInt16
        private let descriptor: Int32

        init(answer: String, afterSeconds seconds: UInt32 = 0) throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                        && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard isBound else { throw CocoaError(.featureUnsupported) }
            self.descriptor = descriptor
            port = UInt16(bigEndian: address.sin_port)
            Thread.detachNewThread {
                while true {
                    let client = accept(descriptor, nil, nil)
                    guard client >= 0 else { return }
                    var bytes = [UInt8](repeating: 0, count: 65_536)
                    _ = recv(client, &bytes, bytes.count, 0)
                    if seconds > 0 { sleep(seconds) }
                    let text = Array(answer.utf8)
                    _ = send(client, text, text.count, Int32(MSG_NOSIGNAL))
                    close(client)
                }
            }
        }

        deinit {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
    }

    private static let page =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 28\r\nConnection: close\r\n\r\n"
        + "<html><b>Welcome!</b></html>"

    @Test func `a web page is no hub, and its address is not kept`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "网")
        let listener = try Listener(answer: BadHubTests.page)
        let outcome = try tool.run(
            "sync",
            "--hub",
            "http://127.0.0.1:\(listener.port)",
            "--tries",
            "1"
        )
        #expect(outcome.status == 4, "\(outcome.remarks)")
        let status = try tool.run("status", "--json").json()
        #expect(status["hub"]?.string == "")
        #expect(status["waiting"]?.integer == 1)
        withExtendedLifetime(listener) {}
    }

    @Test func `a hub that does not answer in time is given up`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "网")
        let listener = try Listener(answer: BadHubTests.page, afterSeconds: 20)
        let start = Date()
        let outcome = try tool.run(
            "sync",
            "--hub",
            "http://127.0.0.1:\(listener.port)",
            "--tries",
            "1",
            "--timeout",
            "1"
        )
        #expect(outcome.status == 4, "\(outcome.remarks)")
        #expect(Date().timeIntervalSince(start) < 15)
        #expect(try tool.run("status", "--json").json()["waiting"]?.integer == 1)
        withExtendedLifetime(listener) {}
    }

    @Test func `an address that fails does not take the place of one that works`() async throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let hub = try await Hub.start(tool)
        defer { hub.stop() }
        #expect(try tool.run("sync", "--hub", hub.url).status == 0)
        #expect(try tool.run("sync", "--hub", "http://127.0.0.1:1", "--tries", "1").status == 4)
        #expect(try tool.run("status", "--json").json()["hub"]?.string == hub.url)
        #expect(try tool.run("sync").status == 0)
    }

    @Test func `a port that is taken is named so`() async throws {
        let tool = try CommandLineTool()
        let hub = try await Hub.start(tool)
        defer { hub.stop() }
        let port = hub.url.split(separator: ":").last.map(String.init) ?? ""
        let second = try tool.run(
            "serve",
            "--store",
            tool.path("hub2"),
            "--port",
            port,
            "--seeds",
            CommandLineTool.seeds
        )
        #expect(second.status == 69 && second.remarks.contains(port), "\(second.remarks)")
    }
}
