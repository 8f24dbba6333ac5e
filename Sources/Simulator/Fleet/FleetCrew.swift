import Foundation
import Synchronization

/// Runs many plans at once, each on a thread of its own, and hands their reports on in their order.
///
/// A run shares nothing with another, so what it comes to does not depend on how many there are.
public struct FleetCrew: Sendable {
    private let simulation: FleetSimulation
    private let jobs: Int
    private let mayGoOn: @Sendable () -> Bool

    /// Makes a crew.
    ///
    /// - Parameters:
    ///   - simulation: how each plan is run.
    ///   - jobs: how many run at once; nil for as many as there are cores.
    ///   - mayGoOn: asked before each run; those that have begun are finished.
    public init(
        _ simulation: FleetSimulation,
        jobs: Int? = nil,
        mayGoOn: @escaping @Sendable () -> Bool = { true }
    ) {
        self.simulation = simulation
        self.jobs = max(jobs ?? ProcessInfo.processInfo.activeProcessorCount, 1)
        self.mayGoOn = mayGoOn
    }

    /// Runs plans; `each` is called on this thread, in their order.
    ///
    /// - Parameters:
    ///   - count: how many plans there are.
    ///   - plan: makes the plan of a number from 0, on any thread.
    ///   - each: gets each plan with its report; when it throws, no more are begun.
    /// - Returns: how many were run.
    /// - Throws: what a run throws that could not be set up, or what `each` throws.
    @discardableResult
    public func run(
        _ count: Int,
        plan: @escaping @Sendable (Int) -> FleetPlan,
        each: (FleetPlan, FleetReport) throws -> Void
    ) throws -> Int {
        let desk = Desk(count: count)
        let (simulation, mayGoOn) = (simulation, mayGoOn)
        for _ in 0..<min(jobs, max(count, 1)) {
            let thread = Thread {
                while mayGoOn(), let number = desk.take() {
                    let plan = plan(number)
                    desk.put(number, Result { (plan, try simulation.run(plan)) })
                }
                desk.leave()
            }
            // As much as a process' first thread has.
            thread.stackSize = 8 << 20
            desk.come()
            thread.start()
        }
        defer { desk.close() }
        var number = 0
        while let result = desk.next(number) {
            let (plan, report) = try result.get()
            try each(plan, report)
            number += 1
        }
        return number
    }

    /// Where the threads take numbers and leave what came of them.
    private final class Desk: Sendable {
        typealias Outcome = Result<(FleetPlan, FleetReport), any Error>

        private struct State {
            var next = 0
            var workers = 0
            var outcomes: [Int: Outcome] = [:]
        }

        private let state = Mutex(State())
        private let count: Int
        private let news = DispatchSemaphore(value: 0)

        init(count: Int) { self.count = count }

        func come() { state.withLock { $0.workers += 1 } }

        func leave() {
            state.withLock { $0.workers -= 1 }
            news.signal()
        }

        /// The next number; nil when there is none.
        func take() -> Int? {
            state.withLock { state in
                guard state.next < count else { return nil }
                state.next += 1
                return state.next - 1
            }
        }

        func put(_ number: Int, _ outcome: sending Outcome) {
            state.withLock { $0.outcomes[number] = outcome }
            news.signal()
        }

        /// Waits for an outcome; nil when nobody works on it any more.
        func next(_ number: Int) -> Outcome? {
            while true {
                let (outcome, isOver) = state.withLock { state in
                    (state.outcomes.removeValue(forKey: number), state.workers == 0)
                }
                if let outcome { return outcome }
                if isOver { return nil }
                news.wait()
            }
        }

        /// Nobody begins anything more.
        func close() { state.withLock { $0.next = count } }
    }
}
