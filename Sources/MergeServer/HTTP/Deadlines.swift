import NIOCore
import Synchronization

/// Moments at which a connection is cut, unless what it waits for comes before.
final class Deadlines: Sendable {
    private let channel: any Channel
    private let tasks = Mutex<[Scheduled<Void>]>([])

    init(_ channel: any Channel) { self.channel = channel }

    func add(inSeconds seconds: Int) {
        let channel = channel
        let task = channel.eventLoop.scheduleTask(in: .seconds(Int64(seconds))) {
            channel.close(promise: nil)
        }
        tasks.withLock { $0.append(task) }
    }

    func cancel() {
        tasks.withLock { tasks in
            for task in tasks { task.cancel() }
            tasks = []
        }
    }
}

/// How many requests are worked on at once: each holds a thread and memory.
final class RequestPlaces: Sendable {
    private struct State {
        var free: Int
        var queue: CircularBuffer<CheckedContinuation<Void, Never>> = []
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(free: count)) }

    /// Takes a place; false when all are taken.
    func take() -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    /// Takes a place when it is this one's turn.
    ///
    /// For requests that were held: when something comes for many they would all be told to come
    /// back, and they are no more than there are connections.
    func wait() async {
        await withCheckedContinuation { continuation in
            let hasPlace = state.withLock { state -> Bool in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.queue.append(continuation)
                return false
            }
            if hasPlace { continuation.resume() }
        }
    }

    /// Gives a place to the one that has waited longest, or back.
    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let next = state.queue.popFirst() { return next }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
