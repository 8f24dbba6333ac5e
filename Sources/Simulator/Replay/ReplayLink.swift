import MergeServer
import SyncCore

/// The way of one sync's messages to the hub and back, with what goes wrong on it.
struct ReplayLink {
    private let service: MergeService
    private let network: RandomStream
    private var fault: ReplayFault?
    /// What the link still carries, in bytes of both directions; nil for any amount.
    private(set) var budget: Int?
    private(set) var requestBytes = 0
    private(set) var responseBytes = 0
    private(set) var roundTrips = 0
    /// CPU time of the hub.
    private(set) var hubCost = ReplayCost()

    init(service: MergeService, network: RandomStream, fault: ReplayFault?, budget: Int?) {
        self.service = service
        self.network = network
        self.fault = fault
        self.budget = budget
    }

    /// Carries one message and brings the answer.
    mutating func exchange(_ body: [UInt8]) throws(TransportError) -> [UInt8] {
        guard budget != 0 else {
            throw TransportError(.unreachable, "the link's bytes are used up")
        }
        roundTrips += 1
        let fault = fault
        self.fault = nil
        switch fault {
        case .loseRequest:
            _ = send(body.count)
            throw TransportError(.timedOut, "the request is lost")
        case .cutRequest:
            let sent = send(network.below(body.count))
            hubCost.measure { service.receivedPart(of: Array(body.prefix(sent))) }
            throw TransportError(.unreachable, "the request is cut after \(sent) bytes")
        default: break
        }
        let sent = send(body.count)
        guard sent == body.count else {
            hubCost.measure { service.receivedPart(of: Array(body.prefix(sent))) }
            throw TransportError(.unreachable, "the link's bytes are used up")
        }
        var answer = hubCost.measure { service.handle(body) }
        if fault == .duplicate {
            let second = hubCost.measure { service.handle(body) }
            requestBytes += body.count
            responseBytes += answer.count
            // Either answer may be the one that comes through.
            if network.next() & 1 == 1 { answer = second }
        }
        switch fault {
        case .loseResponse:
            _ = receive(answer.count)
            throw TransportError(.timedOut, "the answer is lost")
        case .cutResponse:
            let received = receive(network.below(answer.count))
            throw TransportError(
                .cut,
                "the answer is cut",
                received: Array(answer.prefix(received))
            )
        default: break
        }
        let received = receive(answer.count)
        guard received == answer.count else {
            throw TransportError(
                .cut,
                "the link's bytes are used up",
                received: Array(answer.prefix(received))
            )
        }
        return answer
    }

    private mutating func send(_ count: Int) -> Int {
        let carried = take(count)
        requestBytes += carried
        return carried
    }

    private mutating func receive(_ count: Int) -> Int {
        let carried = take(count)
        responseBytes += carried
        return carried
    }

    private mutating func take(_ count: Int) -> Int {
        guard let left = budget else { return count }
        let carried = min(left, count)
        budget = left - carried
        return carried
    }
}
