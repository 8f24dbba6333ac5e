import Logging
import MergeServer
import ServiceLifecycle
import SyncCore
import Synchronization

/// A hub on HTTP for the time of a test, on a port that was free.
struct ServedHub {
    let fleet: Fleet
    let port: Int
    private let group: ServiceGroup

    var url: String { "http://127.0.0.1:\(port)" }

    func transport(timeoutSeconds: Int64 = 10) throws -> HTTPTransport {
        try HTTPTransport(url: url, timeoutSeconds: timeoutSeconds)
    }

    /// Asks the server to stop when it has finished what is under way.
    func shutDown() async { await group.triggerGracefulShutdown() }

    /// Serves a fleet's hub while the body runs, then stops it and waits for its end.
    static func run(
        _ fleet: Fleet,
        options: HubServer.Options = HubServer.Options(port: 0, requestsPerSecond: 0),
        _ body: @Sendable @escaping (ServedHub) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = HubServer(
            service: fleet.service,
            storage: fleet.storage,
            options: options,
            logger: logger
        )
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: Running(server: server, ports: continuation),
                        successTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                logger: logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var port: Int?
            for await next in ports {
                port = next
                break
            }
            guard let port else { throw NoPort() }
            do {
                try await body(ServedHub(fleet: fleet, port: port, group: group))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private struct NoPort: Error {}

    private struct Running: Service {
        let server: HubServer
        let ports: AsyncStream<Int>.Continuation

        func run() async throws {
            defer { ports.finish() }
            try await server.run { ports.yield($0) }
        }
    }
}
