import Replication
import SyncCore

/// One message of one exchange.
struct FleetMessage {
    let device: Int
    let exchange: Int
    let number: Int
    let bytes: [UInt8]
    /// A second copy, of which nobody takes the answer.
    var isStray = false
}

extension FleetRun {
    private static let timeout: Int64 = 60_000

    private func rate(_ fault: FleetFault) -> Int { isCalm ? 0 : plan.rates[fault] }

    private func strikes(_ fault: FleetFault, _ random: RandomStream) -> Bool {
        guard random.chance(rate(fault)) else { return false }
        report.count(fault.rawValue)
        return true
    }

    // MARK: The device's side

    /// Begins an exchange, unless one is under way.
    func start(_ device: FleetDevice, seed: UInt64) throws {
        guard device.exchange == nil else { return }
        _ = try device.replica()
        var settings = SyncSession.Options()
        settings.pushBytesMax = plan.pushBytes
        settings.partBytesMin = plan.partBytes
        _ = device.begin(settings, seed: seed)
        report.exchanges += 1
        try drive(device, .start)
    }

    /// Something has happened to a device's exchange.
    func arrive(_ message: FleetMessage, _ event: SyncSession.Event) throws {
        let device = devices[message.device]
        guard !device.isLost else { return }
        guard now >= device.pausedUntil else {
            // It sleeps; the answer waits in its network card.
            queue.add(.atDevice(message, event), at: device.pausedUntil)
            return
        }
        // Late news of a message that was given up, or of a process that has ended.
        guard device.exchange?.number == message.exchange,
            device.exchange?.message == message.number
        else { return }
        if case .received(let bytes) = event { digest.add(bytes) }
        try drive(device, event)
    }

    /// Feeds the session, and carries out what it asks for, until it waits or ends.
    private func drive(_ device: FleetDevice, _ first: SyncSession.Event) throws {
        var next: SyncSession.Event? = first
        while let event = next, var exchange = device.exchange {
            next = nil
            let effects = exchange.session.receive(event, random: exchange.random.next())
            exchange.message += 1
            device.exchange = exchange
            for effect in effects {
                switch effect {
                case .report: break
                case .prepare, .apply:
                    if case .prepare = effect { device.exchange?.headAtRequest = log.head }
                    let replica = try device.replica()
                    next = device.disk.whileFailing { replica.perform(effect) }
                    if case .applied(let outcome)? = next, outcome.reincarnatedAs != nil {
                        report.count("new identity")
                        note("\(device.name) takes the identity \(outcome.reincarnatedAs ?? "")")
                    }
                case .send(let bytes): send(bytes, device, exchange)
                case .wait(let milliseconds):
                    let wait = Int64(clamping: milliseconds)
                    queue.add(.woke(message([], device, exchange)), at: now + wait)
                case .finish(let summary):
                    device.exchange = nil
                    report.finished += 1
                    report.quarantined += summary.quarantined
                    device.isSubscriptionSettled = true
                    try note(
                        "\(device.name) is done: \(summary.changesUp) up, "
                            + "\(summary.entriesDown) down, \(try describe(device))"
                    )
                    try checkClaim(device, exchange)
                    try ended(device)
                case .fail(let error):
                    device.exchange = nil
                    try failed(device, error)
                }
            }
        }
    }

    private func describe(_ device: FleetDevice) throws -> String {
        let replica = try device.replica()
        let records = try replica.read { try $0.allRecords() }.map { "\($0.id)" }
        return "replica \(replica.id), cursor \(try replica.status().cursor), has \(records)"
    }

    private func failed(_ device: FleetDevice, _ error: SyncError) throws {
        report.failed += 1
        report.lastFailure[device.name] = "\(error)"
        note("\(device.name) gives up: \(error)")
        switch error.code {
        case .unreachable, .notAHub, .stalled: break
        case .refused
        where plan.rates[.diskFault] > 0 && error.message.contains("storage has failed"):
            report.count("the hub's disk failed an answer")
        case .store where device.disk.hasStruck: report.count("disk failed an exchange")
        default:
            violate(.clockIndependence, "an exchange of \(device.name) is refused: \(error)")
        }
        try ended(device)
    }

    private func message(
        _ bytes: [UInt8],
        _ device: FleetDevice,
        _ exchange: FleetDevice.Exchange
    ) -> FleetMessage {
        FleetMessage(
            device: device.index,
            exchange: exchange.number,
            number: exchange.message,
            bytes: bytes
        )
    }

    // MARK: Up

    private func send(
        _ bytes: [UInt8],
        _ device: FleetDevice,
        _ exchange: FleetDevice.Exchange
    ) {
        let random = exchange.random
        let message = message(bytes, device, exchange)
        digest.add(bytes)
        guard device.link.remaining(at: now, phase: device.phase) > 0 else {
            return fail(message, .unreachable, "no link", after: 10_000)
        }
        if strikes(.portal, random) {
            let page = Array("<html><body>请登录</body></html>".utf8)
            queue.add(.atDevice(message, .received(page)), at: now + device.link.latency)
            return
        }
        if now < device.cutUpUntil || strikes(.loseRequest, random) {
            return fail(message, .timedOut, "the request is lost", after: FleetRun.timeout)
        }
        var (at, count) = device.link.carry(bytes.count, at: now, phase: device.phase)
        if strikes(.cutRequest, random), !bytes.isEmpty {
            count = min(count, random.below(bytes.count))
        }
        report.carried(count, on: device.link.name, isUp: true)
        if strikes(.flip, random) || count < bytes.count {
            hub.receivedPart(of: Array(bytes.prefix(count)))
            return fail(message, .unreachable, "the request is cut", after: at - now)
        }
        if strikes(.delay, random) { at += Int64(random.below(30_000)) }
        at = max(at, device.clogUntil)
        queue.add(.atHub(message), at: at)
        var stray = message
        stray.isStray = true
        if strikes(.duplicate, random) {
            queue.add(.atHub(stray), at: at + Int64(random.below(5_000)))
        }
        if strikes(.lateDuplicate, random) {
            let later = at + Int64(random.below(5 * 86_400_000))
            queue.add(.atHub(stray), at: min(later, max(plan.length, at)))
        }
        // A device does not wait for ever.
        let failure = TransportError(.timedOut, "no answer in time")
        queue.add(.atDevice(message, .failed(failure)), at: now + 2 * FleetRun.timeout)
    }

    private func fail(
        _ message: FleetMessage,
        _ code: TransportError.Code,
        _ text: String,
        after milliseconds: Int64,
        received: [UInt8] = []
    ) {
        let error = TransportError(code, text, received: received)
        queue.add(.atDevice(message, .failed(error)), at: now + max(milliseconds, 1))
    }

    // MARK: Down

    /// The hub answers, and the answer sets out on its way.
    func arriveAtHub(_ message: FleetMessage) throws {
        let device = devices[message.device]
        guard let answer = hub.handle(message.bytes, at: now) else {
            if !message.isStray { fail(message, .unreachable, "the hub is down", after: 1_000) }
            return
        }
        try readHubLog()
        guard !message.isStray, let exchange = device.exchange,
            exchange.number == message.exchange, exchange.message == message.number
        else { return }
        let random = exchange.random
        if now < device.cutDownUntil || strikes(.loseResponse, random) {
            return fail(message, .timedOut, "the answer is lost", after: FleetRun.timeout)
        }
        var (at, count) = device.link.carry(answer.count, at: now, phase: device.phase)
        if strikes(.cutResponse, random) { count = min(count, random.below(answer.count)) }
        report.carried(count, on: device.link.name, isUp: false)
        if strikes(.flip, random) || count < answer.count {
            let part = Array(answer.prefix(count))
            return fail(message, .cut, "the answer is cut", after: at - now, received: part)
        }
        if strikes(.delay, random) { at += Int64(random.below(30_000)) }
        at = max(at, device.clogUntil)
        queue.add(.atDevice(message, .received(answer)), at: at)
    }
}
