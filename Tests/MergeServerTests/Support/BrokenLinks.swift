import MergeServer
import SyncCore
import Synchronization

/// A hub whose answers are lost now and then, after it has done its work.
final class LossyHub: SyncTransport {
    private let service: MergeService
    private let losses: Set<Int>
    private let count = Mutex(0)

    /// Loses the answers to the exchanges with these numbers, from 0.
    init(service: MergeService, losses: Set<Int>) {
        self.service = service
        self.losses = losses
    }

    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        let number = count.withLock { count in
            defer { count += 1 }
            return count
        }
        let answer = service.handle(body)
        if losses.contains(number) { throw TransportError(.cut, "lost") }
        return answer
    }
}

/// A link that breaks in the middle of a body.
final class CuttingHub: SyncTransport {
    private struct State {
        var cutsLeft: Int
        var cutsMade = 0
        var carried = 0
        var largest = 0
        var heads: [UInt64] = []
    }

    private let service: MergeService
    private let isDownward: Bool
    private let state: Mutex<State>

    init(service: MergeService, cuts: Int, isDownward: Bool = false) {
        self.service = service
        self.isDownward = isDownward
        state = Mutex(State(cutsLeft: cuts))
    }

    /// How often the link broke.
    var cutsMade: Int { state.withLock { $0.cutsMade } }
    /// Body bytes that went up.
    var carried: Int { state.withLock { $0.carried } }
    /// The largest body that was tried.
    var largest: Int { state.withLock { $0.largest } }
    /// How much the hub had stored after each cut.
    var headsSeen: [UInt64] { state.withLock { $0.heads } }

    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        isDownward ? try down(body) : try up(body)
    }

    private func up(_ body: [UInt8]) throws(TransportError) -> [UInt8] {
        let isCut = state.withLock { state in
            state.largest = max(state.largest, body.count)
            guard body.count > 256, state.cutsLeft > 0 else { return false }
            state.cutsLeft -= 1
            state.cutsMade += 1
            return true
        }
        let arriving = isCut ? Array(body.prefix(body.count / 2)) : body
        state.withLock { $0.carried += arriving.count }
        guard isCut else { return service.handle(body) }
        service.receivedPart(of: arriving)
        state.withLock { $0.heads.append(UInt64(service.metrics.changesStored.count)) }
        throw TransportError(.unreachable, "cut")
    }

    private func down(_ body: [UInt8]) throws(TransportError) -> [UInt8] {
        let answer = service.handle(body)
        let isCut = state.withLock { state in
            guard answer.count > 1_100, state.cutsLeft > 0 else { return false }
            state.cutsLeft -= 1
            state.cutsMade += 1
            return true
        }
        guard isCut else { return answer }
        let part = Array(answer.prefix(max(1_050, answer.count / 3)))
        throw TransportError(.cut, "cut", received: part)
    }
}
