import Foundation
import SyncCore
import Synchronization

/// Many devices at once against one hub.
struct LoadCrew: Sendable {
    /// What came of a part.
    struct Outcome: Sendable {
        /// Changes or entries that came through.
        var done = 0
        /// Times of single exchanges, in ms.
        var times: [Double] = []
        /// How often a device was told to come later.
        var putOff = 0
        var requestBytes = 0
        var responseBytes = 0
        /// From the first message to the last answer, in seconds.
        var seconds = 0.0

        mutating func add(_ other: Outcome) {
            done += other.done
            times += other.times
            putOff += other.putOff
            requestBytes += other.requestBytes
            responseBytes += other.responseBytes
        }
    }

    let transport: HTTPTransport
    let script: LoadScript
    /// Sets these devices apart from those of other runs.
    let base: UInt64

    /// The scopes of a device: its town's.
    private static func town(_ number: Int) -> [String] {
        ["town=3305021\(String(format: "%02d", number % 18 + 1))"]
    }

    // MARK: Parts

    /// Each device brings its changes, batch by batch; all of them together make `rate` changes a
    /// second, or with 0 as many as they can.
    func push(
        devices: Int,
        changes: Int,
        batch: Int,
        rate: Int,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> Outcome {
        let pushed = LoadState()
        let between = rate == 0 ? 0 : Double(devices * batch) / Double(rate)
        return try await timed(devices) { number in
            var device = device(number)
            var outcome = Outcome()
            let begin = ContinuousClock.now
            // Devices do not come in step.
            let offset = between * Double(number) / Double(devices)
            for round in 0..<(changes + batch - 1) / batch {
                if between > 0 {
                    let at = begin + .seconds(offset + between * Double(round))
                    try await Task.sleep(until: at, clock: .continuous)
                }
                let count = min(batch, changes - round * batch)
                device.record(count, at: CoreEnvironment.system.now())
                _ = try await exchange(&device, &outcome, pullBytesMax: 0)
                outcome.done += count
                progress(pushed.count(count))
            }
            return outcome
        }
    }

    /// Devices receive everything that there is.
    func pull(
        devices: Int,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> Outcome {
        let pulled = LoadState()
        return try await timed(devices) { number in
            var device = LoadDevice(number: base + 1_000_000 + UInt64(number), script: script)
            var outcome = Outcome()
            repeat {
                let entries = try await exchange(&device, &outcome)
                outcome.done += entries
                progress(pulled.count(entries))
            } while device.hasMore
            return outcome
        }
    }

    /// Each device asks once more, with nothing to say on either side.
    func idle(devices: Int) async throws -> Outcome {
        try await timed(devices) { number in
            var device = LoadDevice(
                number: base + 2_000_000 + UInt64(number),
                scopes: ["town=nowhere"],
                script: script
            )
            var ignored = Outcome()
            repeat { _ = try await exchange(&device, &ignored) } while device.hasMore
            var outcome = Outcome()
            outcome.done = try await exchange(&device, &outcome)
            return outcome
        }
    }

    /// Devices hold a request each; then, after `ready`, one change comes to all of them.
    ///
    /// The times are those from the change's push to each answer.
    func hold(
        devices: Int,
        ready: @escaping @Sendable () async -> Void,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> Outcome {
        let holding = LoadState()
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            for number in 0..<devices {
                group.addTask {
                    var device = LoadDevice(
                        number: base + 3_000_000 + UInt64(number),
                        scopes: ["town=330502105"],
                        script: script
                    )
                    var outcome = Outcome()
                    do {
                        repeat { _ = try await exchange(&device, &outcome) } while device.hasMore
                    } catch {
                        holding.fail(error)
                        throw error
                    }
                    outcome.times = []
                    progress(holding.count(1))
                    while outcome.done == 0 {
                        outcome.done += try await exchange(&device, &outcome, holdSeconds: 300)
                    }
                    outcome.times = [holding.millisecondsSinceMoment]
                    return outcome
                }
            }
            while try holding.counted() < devices {
                try await Task.sleep(for: .milliseconds(50))
            }
            // The last of them are on their way to the hub.
            try await Task.sleep(for: .seconds(1))
            await ready()
            var writer = LoadDevice(number: base + 4_000_000, script: script)
            writer.record(1, at: CoreEnvironment.system.now())
            holding.noteMoment()
            var pushed = Outcome()
            _ = try await exchange(&writer, &pushed, pullBytesMax: 0)
            var outcome = Outcome()
            for try await one in group { outcome.add(one) }
            return outcome
        }
    }

    // MARK: Exchanges

    private func device(_ number: Int) -> LoadDevice {
        LoadDevice(number: base + UInt64(number), scopes: LoadCrew.town(number), script: script)
    }

    private func timed(
        _ devices: Int,
        _ work: @escaping @Sendable (Int) async throws -> Outcome
    ) async throws -> Outcome {
        let begin = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            for number in 0..<devices { group.addTask { try await work(number) } }
            var outcome = Outcome()
            for try await one in group { outcome.add(one) }
            outcome.seconds = (ContinuousClock.now - begin) / .seconds(1)
            return outcome
        }
    }

    private func send(_ request: [UInt8]) async -> Result<[UInt8], TransportError> {
        do throws(TransportError) {
            return .success(try await transport.exchange(request))
        } catch {
            return .failure(error)
        }
    }

    /// One message and its answer, again for as long as the hub puts the device off.
    private func exchange(
        _ device: inout LoadDevice,
        _ outcome: inout Outcome,
        pullBytesMax: UInt64? = nil,
        holdSeconds: UInt64? = nil
    ) async throws -> Int {
        let begin = ContinuousClock.now
        var failures = 0
        while true {
            let request = device.request(pullBytesMax: pullBytesMax, holdSeconds: holdSeconds)
            outcome.requestBytes += request.count
            let answer: [UInt8]
            switch await send(request) {
            case .success(let bytes): answer = bytes
            case .failure(let error):
                guard error.isTransient, failures < 20 else { throw error }
                failures += 1
                outcome.putOff += 1
                try await Task.sleep(for: .milliseconds(500))
                continue
            }
            outcome.responseBytes += answer.count
            switch try device.take(answer) {
            case .done(let entries):
                outcome.times.append((ContinuousClock.now - begin) / .milliseconds(1))
                return entries
            case .again(let milliseconds):
                guard milliseconds > 0 else { continue }
                outcome.putOff += 1
                // Not all at the same moment again.
                let spread = milliseconds / 2 + CoreEnvironment.system.random() % milliseconds
                try await Task.sleep(for: .milliseconds(Int64(clamping: spread)))
            }
        }
    }
}

/// What the devices of a part tell each other.
private final class LoadState: Sendable {
    private struct State {
        var count = 0
        var failure: (any Error)?
        var moment: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Counts on, and returns the count.
    func count(_ more: Int) -> Int {
        state.withLock { state in
            state.count += more
            return state.count
        }
    }

    /// The count, or the error with which one ended.
    func counted() throws -> Int {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.count
        }
    }

    func fail(_ error: any Error) { state.withLock { $0.failure = error } }

    func noteMoment() { state.withLock { $0.moment = .now } }

    var millisecondsSinceMoment: Double {
        let moment = state.withLock { $0.moment }
        return moment.map { (ContinuousClock.now - $0) / .milliseconds(1) } ?? 0
    }
}
