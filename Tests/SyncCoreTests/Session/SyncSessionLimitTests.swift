import SyncCore
import Testing

/// The state machine alone: what never gets on is given up, what does is not.
@Suite struct SyncSessionLimitTests {
    private static func prepare(
        _ session: inout SyncSession,
        _ bytes: [UInt8]
    ) -> [SyncSession.Effect] {
        _ = session.receive(.start, random: 0)
        return session.receive(.prepared(request: bytes, changes: 1, waiting: 1), random: 0)
    }

    private static func outcome(_ change: (inout SyncSession.Outcome) -> Void) -> SyncSession.Event
    {
        var outcome = SyncSession.Outcome()
        change(&outcome)
        return .applied(outcome)
    }

    private let small: [UInt8] = [1, 2, 3]
    private let large: [UInt8] = [1] + Array(repeating: 7, count: 40_000)

    private func sent(_ effects: [SyncSession.Effect]) -> Transfer? {
        effects.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }.first
            .flatMap { try? Transfer.upward($0) }
    }

    private func failure(_ effects: [SyncSession.Effect]) -> SyncError.Code? {
        effects.compactMap { if case .fail(let error) = $0 { error.code } else { nil } }.first
    }

    @Test func `a hub that is busy for ever is given up`() {
        for code in [TransportError.Code.busy(milliseconds: 0), .busy(milliseconds: 1_000_000)] {
            var session = SyncSession()
            _ = SyncSessionLimitTests.prepare(&session, small)
            var effects: [SyncSession.Effect] = []
            var tries = 0
            while failure(effects) == nil, tries < 100 {
                effects = session.receive(.failed(TransportError(code, "busy")), random: 9)
                _ = session.receive(.woke, random: 0)
                tries += 1
            }
            #expect(failure(effects) == .unreachable)
            #expect(tries <= 21)
        }
        // An answer that says so is no progress either.
        var session = SyncSession()
        _ = SyncSessionLimitTests.prepare(&session, small)
        var effects: [SyncSession.Effect] = []
        var tries = 0
        while failure(effects) == nil, tries < 100 {
            _ = session.receive(.received([1]), random: 0)
            effects = session.receive(SyncSessionLimitTests.outcome { $0.busy = 5 }, random: 0)
            _ = session.receive(.woke, random: 0)
            _ = session.receive(.prepared(request: small, changes: 1, waiting: 1), random: 0)
            tries += 1
        }
        #expect(failure(effects) == .unreachable)
        #expect(tries <= 21)
    }

    @Test func `a download that gets on with every try is never given up`() {
        var session = SyncSession()
        _ = SyncSessionLimitTests.prepare(&session, small)
        let answer: [UInt8] = [1] + (0..<60_000).map { UInt8(truncatingIfNeeded: $0) }
        var here = 2_000
        var received = Array(answer.prefix(here))
        for _ in 0..<20 {
            let cut = TransportError(.cut, "cut", received: received)
            #expect(failure(session.receive(.failed(cut), random: 0)) == nil)
            guard case .resume(_, here)? = sent(session.receive(.woke, random: 0)) else {
                Issue.record("the rest is not asked for")
                return
            }
            let rest = Transfer.rest(.init(of: answer, from: here)).encoded
            received = Array(rest.prefix(2_000))
            here += 2_000 - (rest.count - (answer.count - here))
        }
    }

    @Test func `a download that starts again and again is given up`() {
        var session = SyncSession()
        _ = SyncSessionLimitTests.prepare(&session, small)
        let cut = TransportError(.cut, "cut", received: Array(repeating: 1, count: 2_000))
        var effects: [SyncSession.Effect] = []
        var tries = 0
        while failure(effects) == nil, tries < 50 {
            effects = session.receive(.failed(cut), random: 0)
            _ = session.receive(.woke, random: 0)
            _ = session.receive(.received(Transfer.rest(nil).encoded), random: 0)
            tries += 1
        }
        #expect(failure(effects) == .unreachable)
    }

    @Test func `an upload that goes to and fro is given up`() {
        var session = SyncSession()
        _ = SyncSessionLimitTests.prepare(&session, large)
        var effects: [SyncSession.Effect] = []
        var tries = 0
        while failure(effects) == nil, tries < 50 {
            let progress = Transfer.progress(offset: tries % 2 == 0 ? 9_000 : 4_000).encoded
            effects = session.receive(.received(progress), random: 0)
            tries += 1
        }
        #expect(failure(effects) == .stalled)
    }

    @Test func `counts at their end do not trap`() {
        var session = SyncSession()
        _ = SyncSessionLimitTests.prepare(&session, small)
        for _ in 0..<2 {
            _ = session.receive(.received([1]), random: 0)
            _ = session.receive(
                SyncSessionLimitTests.outcome {
                    $0.acknowledged = .max
                    $0.entries = .max
                    $0.quarantined = .max
                    $0.ahead = .max
                    $0.moved = true
                },
                random: .max
            )
            _ = session.receive(.prepared(request: small, changes: .max, waiting: 1), random: 0)
        }
    }
}
