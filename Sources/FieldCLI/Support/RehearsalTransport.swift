import ArgumentParser
import SyncCore
import Synchronization

/// A fault to rehearse on a real link, so that people can see that nothing is lost.
enum Rehearsal: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// The hub commits, and its answer never arrives.
    case loseResponse = "lose-response"
    /// The hub's answer breaks off in the middle.
    case cutResponse = "cut-response"
    /// The request never arrives.
    case loseRequest = "lose-request"
}

/// Carries messages faithfully, but for the first one.
final class RehearsalTransport: SyncTransport {
    private let transport: any SyncTransport
    private let fault: Mutex<Rehearsal?>

    init(_ transport: any SyncTransport, fault: Rehearsal) {
        self.transport = transport
        self.fault = Mutex(fault)
    }

    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        let fault = fault.withLock { fault -> Rehearsal? in
            defer { fault = nil }
            return fault
        }
        if fault == .loseRequest {
            throw TransportError(
                .unreachable,
                words("rehearsal: the request was lost", "演练：请求丢失")
            )
        }
        let answer = try await transport.exchange(body)
        switch fault {
        case .loseResponse:
            throw TransportError(
                .cut,
                words("rehearsal: the answer was lost after the hub's commit", "演练：中心已入库，回应丢失")
            )
        case .cutResponse:
            throw TransportError(
                .cut,
                words("rehearsal: the answer broke off", "演练：回应中断"),
                received: Array(answer.prefix(answer.count / 2))
            )
        case .loseRequest, nil: return answer
        }
    }
}
