import NIOCore
import Synchronization

/// Memory that many requests share.
final class ByteBudget: Sendable {
    private let free: Mutex<Int>

    init(bytesMax: Int) { free = Mutex(bytesMax) }

    /// Takes so many bytes; false when they are not there.
    func take(_ count: Int) -> Bool {
        free.withLock { free in
            guard free >= count else { return false }
            free -= count
            return true
        }
    }

    func giveBack(_ count: Int) { free.withLock { $0 += count } }
}

/// How many requests are worked on at once: each holds a thread and memory.
final class RequestPlaces: Sendable {
    private struct State {
        var free: Int
        /// Newcomers, and those who were held: they take turns, so that neither keeps the others out.
        var queue: CircularBuffer<CheckedContinuation<Void, Never>> = []
        var held: CircularBuffer<CheckedContinuation<Void, Never>> = []
        var isHeldNext = false

        mutating func next() -> CheckedContinuation<Void, Never>? {
            isHeldNext.toggle()
            return isHeldNext
                ? held.popFirst() ?? queue.popFirst() : queue.popFirst() ?? held.popFirst()
        }
    }

    private enum Turn {
        case now, later, never
    }

    private let state: Mutex<State>
    private let queuedMax: Int

    init(count: Int, queuedMax: Int) {
        state = Mutex(State(free: count))
        self.queuedMax = queuedMax
    }

    /// Takes a place when it is this one's turn; false when too many wait already.
    func enter() async -> Bool { await enter(queuedMax: queuedMax) }

    /// Takes a place when it is this one's turn, however many wait.
    ///
    /// For requests that were held: when something comes for many they would all be told to come
    /// back, and they are no more than there are connections.
    func wait() async { _ = await enter(queuedMax: nil) }

    private func enter(queuedMax: Int?) async -> Bool {
        var isIn = true
        await withCheckedContinuation { continuation in
            let turn = state.withLock { state -> Turn in
                if state.free > 0 {
                    state.free -= 1
                    return .now
                }
                guard let queuedMax else {
                    state.held.append(continuation)
                    return .later
                }
                guard state.queue.count < queuedMax else { return .never }
                state.queue.append(continuation)
                return .later
            }
            isIn = turn != .never
            if turn != .later { continuation.resume() }
        }
        return isIn
    }

    /// Gives a place to the one that has waited longest, or back.
    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let next = state.next() { return next }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
