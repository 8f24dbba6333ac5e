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
