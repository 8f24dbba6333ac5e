import Dispatch
import Hummingbird
public import Logging
import NIOCore
import ServiceLifecycle
public import SyncCore

/// A hub on HTTP: `POST /v1/sync`, `GET /healthz`, `/readyz`, `/metrics`.
///
/// Authentication is not built yet. Until it is, the server binds to loopback only and says so.
public struct HubServer: Sendable {
    /// How a hub is served.
    public struct Options: Sendable {
        /// The port; 0 for any free one.
        public var port: Int
        /// Requests a second that one address may send, and how many at once; 0 for no limit.
        public var requestsPerSecond: Double
        /// The largest body, in bytes.
        public var bodyBytesMax: Int
        /// How long one request may take to arrive, in seconds; an idle connection is closed after
        /// this time too.
        public var requestSecondsMax: Int
        /// How long a hub that stops waits for requests that are still arriving, in seconds.
        public var drainSecondsMax: Int
        /// Connections that are open at once; more wait for one to close.
        public var connectionsMax: Int
        /// Requests that are worked on at once.
        public var requestsInFlightMax: Int
        /// Requests that wait for their turn; more are told to come back.
        public var requestsQueuedMax: Int
        /// Memory for the bodies of all requests together, in bytes; those beyond are told to come
        /// back.
        public var bodyBytesInAllMax: Int
        /// The longest time for which a request is held while there is nothing to say, in seconds;
        /// shorter than `requestSecondsMax`, after which an idle connection is closed.
        public var holdSecondsMax: Int
        /// How long what came waits for more before those who hold are told, in milliseconds.
        public var holdGatherMilliseconds: Int

        /// Makes options with defaults.
        public init(
            port: Int = 8_787,
            requestsPerSecond: Double = 200,
            bodyBytesMax: Int = 8 << 20,
            requestSecondsMax: Int = 120,
            drainSecondsMax: Int = 10,
            connectionsMax: Int = 16_384,
            requestsInFlightMax: Int = 16,
            requestsQueuedMax: Int = 512,
            bodyBytesInAllMax: Int = 128 << 20,
            holdSecondsMax: Int = 90,
            holdGatherMilliseconds: Int = 200
        ) {
            self.port = port
            self.requestsPerSecond = requestsPerSecond
            self.bodyBytesMax = bodyBytesMax
            self.requestSecondsMax = requestSecondsMax
            self.drainSecondsMax = drainSecondsMax
            self.connectionsMax = connectionsMax
            self.requestsInFlightMax = requestsInFlightMax
            self.requestsQueuedMax = requestsQueuedMax
            self.bodyBytesInAllMax = bodyBytesInAllMax
            self.holdSecondsMax = min(holdSecondsMax, requestSecondsMax - 10)
            self.holdGatherMilliseconds = holdGatherMilliseconds
        }
    }

    private let service: MergeService
    private let storage: any HubStorage
    private let options: Options
    private let logger: Logger
    private let limiter: RateLimiter
    private let places: RequestPlaces
    private let bodies: ByteBudget
    private let held = HeldConnections()
    private let environment: CoreEnvironment
    /// Storage blocks; its work stays off the threads that carry the connections.
    private let queue = DispatchQueue(label: "field hub storage", attributes: .concurrent)

    /// Makes a server for a service and its storage.
    public init(
        service: MergeService,
        storage: any HubStorage,
        options: Options,
        logger: Logger,
        environment: CoreEnvironment = .system
    ) {
        self.service = service
        self.storage = storage
        self.options = options
        self.logger = logger
        self.environment = environment
        places = RequestPlaces(
            count: options.requestsInFlightMax,
            queuedMax: options.requestsQueuedMax
        )
        bodies = ByteBudget(bytesMax: options.bodyBytesInAllMax)
        limiter = RateLimiter(
            perSecond: options.requestsPerSecond,
            burst: max(1, options.requestsPerSecond * 2)
        )
    }

    /// Serves until SIGTERM or SIGINT, finishes the requests under way, and returns.
    ///
    /// - `onReady`: told the port once connections are taken.
    public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let idle = TimeAmount.seconds(Int64(options.requestSecondsMax))
        let application = Application(
            router: router(),
            server: .http1(configuration: .init(idleTimeout: idle)),
            configuration: .init(
                address: .hostname("127.0.0.1", port: options.port),
                serverName: "field-hub",
                availableConnectionsDelegate: .maximum(options.connectionsMax, logger: logger)
            ),
            onServerRunning: { channel in
                await onReady(channel.localAddress?.port ?? 0)
            },
            logger: logger
        )
        logger.notice(
            "no authentication yet: the hub takes connections from this machine only",
            metadata: ["address": "127.0.0.1", "port": "\(options.port)"]
        )
        try await application.runService()
        logger.notice("the hub has stopped; everything acknowledged is on disk")
    }

    /// What a handler knows of the connection that it answers on.
    private struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }
    }

    private func router() -> Router<Context> {
        let router = Router(context: Context.self)
        router.get("/healthz") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in
            try await self.offload { try self.storage.ping() }
            return "ready\n"
        }
        router.get("/metrics") { _, _ in
            let statistics = try await self.offload { try self.storage.statistics() }
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(
                    byteBuffer: ByteBuffer(string: self.service.metrics.prometheusText(statistics))
                )
            )
        }
        router.post("/v1/sync") { request, context in
            try await self.sync(request, context)
        }
        return router
    }

    private func sync(_ request: Request, _ context: Context) async throws -> Response {
        // Everyone is on loopback until there is authentication, so the limit is one for all.
        if let wait = limiter.admit("loopback", at: environment.now()) {
            service.metrics.limited.increment()
            return busy(milliseconds: UInt64(clamping: wait))
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > options.bodyBytesMax
        {
            return Response(status: .contentTooLarge)
        }
        let body: [UInt8]
        switch try await collect(request.body, from: context.channel) {
        case .whole(let bytes): body = bytes
        case .tooLarge: return Response(status: .contentTooLarge)
        case .noMemory:
            service.metrics.limited.increment()
            return busy(milliseconds: 2_000)
        }
        var answer: HubAnswer
        do {
            defer { bodies.giveBack(body.count) }
            guard await places.enter() else {
                service.metrics.limited.increment()
                return busy(milliseconds: 500)
            }
            defer { places.giveBack() }
            answer = try await offload { self.service.answer(body) }
        }
        let seconds = min(UInt64(clamping: options.holdSecondsMax), answer.hold?.seconds ?? 0)
        let end = ContinuousClock.now + .seconds(Int64(clamping: seconds))
        // A long one does not stay in memory for its wait; devices send those in parts.
        while body.count <= 16 << 10, let hold = answer.hold,
            await isArrival(hold, until: end, on: context.channel)
        {
            await places.wait()
            defer { places.giveBack() }
            answer = try await offload { self.service.answer(body) }
        }
        if let failure = service.metrics.takeFailure() {
            logger.error("the hub needs attention", metadata: ["error": "\(failure)"])
        }
        logger.debug(
            "sync",
            metadata: ["received": "\(body.count)", "sent": "\(answer.bytes.count)"]
        )
        return reply(answer.bytes)
    }

    /// Waits until there is more to say than what the answer says; false when it should be given as
    /// it is.
    private func isArrival(
        _ hold: HubAnswer.Hold,
        until end: ContinuousClock.Instant,
        on channel: any Channel
    ) async -> Bool {
        let left = ContinuousClock.now.duration(to: end)
        guard left > .zero else { return false }
        let ticket = storage.arrivals.wait(for: hold.interest, after: hold.after)
        service.metrics.holdsBegun.increment()
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(left)) {
            ticket.end(isArrival: false)
        }
        held.hold(ticket, on: channel)
        let isArrival = await withGracefulShutdownHandler {
            await ticket.result()
        } onGracefulShutdown: {
            ticket.end(isArrival: false)
        }
        timer.cancel()
        held.release(channel)
        storage.arrivals.stop(ticket)
        guard isArrival else { return false }
        service.metrics.holdsEnded.increment()
        // More may come along: one answer is cheaper than two.
        try? await Task.sleep(for: .milliseconds(options.holdGatherMilliseconds))
        return true
    }

    /// What became of a request's body.
    private enum Body {
        case whole([UInt8])
        case tooLarge, noMemory
    }

    /// A request's body.
    ///
    /// Its bytes stay taken from the budget until they are given back.
    ///
    /// One that takes too long is cut, and so is one that still arrives a while after the hub was
    /// told to stop. What arrived of it is kept.
    private func collect(
        _ content: RequestBody,
        from channel: any Channel
    ) async throws -> Body {
        let deadlines = Deadlines(channel)
        deadlines.add(inSeconds: options.requestSecondsMax)
        defer { deadlines.cancel() }
        return try await withGracefulShutdownHandler {
            var body: [UInt8] = []
            do {
                for try await buffer in content {
                    guard body.count + buffer.readableBytes <= options.bodyBytesMax else {
                        bodies.giveBack(body.count)
                        return .tooLarge
                    }
                    guard bodies.take(buffer.readableBytes) else {
                        bodies.giveBack(body.count)
                        return .noMemory
                    }
                    body += buffer.readableBytesView
                }
            } catch {
                // Cut on its way: keep what arrived, the device asks how much that was.
                service.receivedPart(of: body)
                bodies.giveBack(body.count)
                throw error
            }
            return .whole(body)
        } onGracefulShutdown: {
            deadlines.add(inSeconds: options.drainSecondsMax)
        }
    }

    private func busy(milliseconds: UInt64) -> Response {
        reply(SyncResponse(status: .busy(milliseconds: milliseconds)).encoded(dictionary: nil))
    }

    private func reply(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/vnd.field-sync"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    private func offload<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
