import SyncCore
import Testing

/// The state machine alone: events in, effects out.
@Suite struct SyncSessionTests {
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

    private func wait(_ effects: [SyncSession.Effect]) -> UInt64? {
        effects.compactMap { if case .wait(let milliseconds) = $0 { milliseconds } else { nil } }
            .first
    }

    private func sent(_ effects: [SyncSession.Effect]) -> Transfer? {
        effects.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }.first
            .flatMap { try? Transfer.upward($0) }
    }

    private func failure(_ effects: [SyncSession.Effect]) -> SyncError.Code? {
        effects.compactMap { if case .fail(let error) = $0 { error.code } else { nil } }.first
    }

    private func phases(_ effects: [SyncSession.Effect]) -> [SyncProgress.Phase] {
        effects.compactMap { if case .report(let progress) = $0 { progress.phase } else { nil } }
    }

    @Test func `a sync prepares, sends, applies and goes on until nothing waits`() {
        var session = SyncSession()
        var effects = session.receive(.start, random: 0)
        #expect(effects.first == .prepare(pushBytesMax: 262_144, pullBytesMax: nil))
        #expect(phases(effects) == [.connecting])
        effects = session.receive(.prepared(request: small, changes: 2, waiting: 5), random: 0)
        #expect(sent(effects) == .message(small))
        #expect(phases(effects) == [.sending])
        effects = session.receive(.received([1, 9]), random: 0)
        #expect(effects == [.apply([1, 9])])
        effects = session.receive(
            SyncSessionTests.outcome {
                $0.acknowledged = 2
                $0.waiting = 3
                $0.moved = true
            },
            random: 0
        )
        #expect(effects.last == .prepare(pushBytesMax: 262_144, pullBytesMax: nil))
        _ = session.receive(.prepared(request: small, changes: 3, waiting: 3), random: 0)
        _ = session.receive(.received([1]), random: 0)
        effects = session.receive(
            SyncSessionTests.outcome {
                $0.acknowledged = 3
                $0.entries = 4
                $0.quarantined = 1
                $0.moved = true
            },
            random: 0
        )
        guard case .finish(let summary)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        #expect(phases(effects) == [.finished])
        #expect(summary.changesUp == 5)
        #expect(summary.entriesDown == 4)
        #expect(summary.quarantined == 1)
        #expect(summary.roundTrips == 2)
        #expect(summary.requestBytes == 6)
        #expect(summary.responseBytes == 3)
        #expect(summary.retries == 0)
    }

    @Test func `waits double up to their ceiling, with full jitter from the given bits`() {
        for random in [0, 1, 499, 12_345, UInt64.max] as [UInt64] {
            var options = SyncSession.Options()
            options.triesMax = 12
            options.backoffMax = 8_000
            var session = SyncSession(options: options)
            _ = SyncSessionTests.prepare(&session, small)
            for failure in 0..<11 {
                let effects = session.receive(
                    .failed(TransportError(.unreachable, "no link")),
                    random: random
                )
                let ceiling = min(500 << UInt64(failure), 8_000 as UInt64)
                #expect(wait(effects) == random % (ceiling + 1), "failure \(failure)")
                #expect(phases(effects) == [.waiting])
                #expect(sent(session.receive(.woke, random: random)) == .message(small))
            }
            let last = session.receive(.failed(TransportError(.timedOut, "late")), random: random)
            #expect(failure(last) == .unreachable)
        }
    }

    @Test func `an answer sets the count of failures back`() {
        var options = SyncSession.Options()
        options.triesMax = 2
        var session = SyncSession(options: options)
        _ = SyncSessionTests.prepare(&session, small)
        for _ in 0..<5 {
            let failed = session.receive(.failed(TransportError(.unreachable, "")), random: 3)
            #expect(wait(failed) == 3)
            _ = session.receive(.woke, random: 0)
            _ = session.receive(.received([1]), random: 0)
            _ = session.receive(
                SyncSessionTests.outcome {
                    $0.waiting = 1
                    $0.moved = true
                },
                random: 0
            )
            _ = session.receive(.prepared(request: small, changes: 1, waiting: 1), random: 0)
        }
    }

    @Test func `a refusal and a web page end the sync at once`() {
        for (code, expected) in [(.refused, .refused), (.notAHub, .notAHub)]
            as [(TransportError.Code, SyncError.Code)]
        {
            var session = SyncSession()
            _ = SyncSessionTests.prepare(&session, small)
            let effects = session.receive(.failed(TransportError(code, "x")), random: 0)
            #expect(failure(effects) == expected)
        }
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, small)
        #expect(failure(session.receive(.received(Array("<html>".utf8)), random: 0)) == .notAHub)
    }

    @Test func `a busy hub is waited for as long as it asks, within reason`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, small)
        var effects = session.receive(
            .failed(TransportError(.busy(milliseconds: 5_000), "busy")),
            random: 100
        )
        #expect(wait(effects) == 5_100)
        #expect(sent(session.receive(.woke, random: 0)) == .message(small))
        _ = session.receive(.received([1]), random: 0)
        effects = session.receive(SyncSessionTests.outcome { $0.busy = .max }, random: 7)
        #expect(wait(effects) == 3_600_007)
        // The store may have changed meanwhile: ask it again.
        #expect(
            session.receive(.woke, random: 0)
                == [.prepare(pushBytesMax: 262_144, pullBytesMax: nil)]
        )
    }

    @Test func `of a cut answer only the rest is asked for`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, small)
        let answer: [UInt8] = [1] + (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        let first = Array(answer.prefix(2_000))
        _ = session.receive(.failed(TransportError(.cut, "cut", received: first)), random: 0)
        let digest = Transfer.digest(of: small)
        #expect(sent(session.receive(.woke, random: 0)) == .resume(digest: digest, offset: 2_000))
        // The rest is cut too.
        let rest = Transfer.rest(Transfer.Rest(of: answer, from: 2_000)).encoded
        let part = Array(rest.prefix(1_512))
        _ = session.receive(.failed(TransportError(.cut, "cut", received: part)), random: 0)
        #expect(sent(session.receive(.woke, random: 0)) == .resume(digest: digest, offset: 3_500))
        let last = Transfer.rest(Transfer.Rest(of: answer, from: 3_500)).encoded
        #expect(session.receive(.received(last), random: 0) == [.apply(answer)])
    }

    @Test func `a short cut answer is simply asked for again`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, small)
        let cut = TransportError(.cut, "cut", received: Array(repeating: 1, count: 1_024))
        _ = session.receive(.failed(cut), random: 0)
        #expect(sent(session.receive(.woke, random: 0)) == .message(small))
    }

    @Test func `an answer that the hub has dropped, or that does not fit, is asked for anew`() {
        let beginning = Array(repeating: 1 as UInt8, count: 2_000)
        let other = Array(repeating: 1 as UInt8, count: 1_999) + [2, 3]
        for rest in [
            Transfer.Rest?.none, .init(digest: 5, total: 9_000, bytes: [1, 2, 3]),
            // Of an answer as long as ours, with another beginning: it would be spliced.
            .init(of: other, from: 2_000),
        ] {
            var session = SyncSession()
            _ = SyncSessionTests.prepare(&session, small)
            let cut = TransportError(.cut, "cut", received: beginning)
            _ = session.receive(.failed(cut), random: 0)
            _ = session.receive(.woke, random: 0)
            let bytes = Transfer.rest(rest).encoded
            #expect(sent(session.receive(.received(bytes), random: 0)) == .message(small))
        }
    }

    @Test func `the rest of an answer that nobody asked for ends the sync`() {
        for rest in [Transfer.rest(nil), .rest(Transfer.Rest(of: [1, 2, 3], from: 0))] {
            var session = SyncSession()
            _ = SyncSessionTests.prepare(&session, small)
            #expect(failure(session.receive(.received(rest.encoded), random: 0)) == .invalidAnswer)
        }
    }

    @Test func `a large request travels as a part and goes on where the hub stands`() {
        var session = SyncSession()
        let digest = Transfer.digest(of: large)
        let total = large.count
        var effects = SyncSessionTests.prepare(&session, large)
        #expect(sent(effects) == .part(digest: digest, total: total, offset: 0, bytes: large))
        _ = session.receive(.failed(TransportError(.cut, "cut")), random: 0)
        // First ask how much arrived.
        effects = session.receive(.woke, random: 0)
        #expect(sent(effects) == .part(digest: digest, total: total, offset: 0, bytes: []))
        effects = session.receive(.received(Transfer.progress(offset: 30_000).encoded), random: 0)
        #expect(
            sent(effects)
                == .part(
                    digest: digest,
                    total: total,
                    offset: 30_000,
                    bytes: Array(large[30_000...])
                )
        )
        #expect(session.receive(.received([1, 5]), random: 0) == [.apply([1, 5])])
    }

    @Test func `an answer that the hub had kept is not the last word`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, large)
        // Nothing of this exchange has arrived, but the same request had in an earlier one.
        _ = session.receive(.failed(TransportError(.unreachable, "lost")), random: 0)
        _ = session.receive(.woke, random: 0)
        #expect(session.receive(.received([1, 5]), random: 0) == [.apply([1, 5])])
        let outcome = SyncSessionTests.outcome { $0.moved = true }
        let effects = session.receive(outcome, random: 0)
        #expect(!effects.contains { if case .finish = $0 { true } else { false } })
        _ = session.receive(.prepared(request: small, changes: 0, waiting: 0), random: 0)
        #expect(session.receive(.received([1, 6]), random: 0) == [.apply([1, 6])])
        let last = session.receive(SyncSessionTests.outcome { _ in }, random: 0)
        #expect(last.contains { if case .finish = $0 { true } else { false } })
    }

    @Test func `a hub that counts bytes which were never sent is not followed`() {
        for (request, offset) in [(large, large.count), (small, 0), (small, 3)] {
            var session = SyncSession()
            _ = SyncSessionTests.prepare(&session, request)
            let progress = Transfer.progress(offset: offset).encoded
            #expect(failure(session.receive(.received(progress), random: 0)) == .invalidAnswer)
        }
    }

    @Test func `a slow upload that goes on is never given up`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, large)
        for offset in stride(from: 1_000, to: 40_000, by: 1_000) {
            let progress = Transfer.progress(offset: offset).encoded
            let effects = session.receive(.received(progress), random: 0)
            guard case .part(_, _, offset, _)? = sent(effects) else {
                Issue.record("\(effects)")
                return
            }
        }
    }

    @Test func `a hub that never keeps what is sent is given up`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, large)
        var effects: [SyncSession.Effect] = []
        for _ in 0..<50 {
            effects = session.receive(.received(Transfer.progress(offset: 0).encoded), random: 0)
            if failure(effects) != nil { break }
        }
        #expect(failure(effects) == .stalled)
    }

    @Test func `exchanges that move nothing end as a stall`() {
        var session = SyncSession()
        _ = SyncSessionTests.prepare(&session, small)
        var effects: [SyncSession.Effect] = []
        for round in 0..<3 {
            _ = session.receive(.received([1]), random: 0)
            effects = session.receive(SyncSessionTests.outcome { $0.waiting = 4 }, random: 0)
            if round < 2 {
                #expect(failure(effects) == nil)
                _ = session.receive(.prepared(request: small, changes: 4, waiting: 4), random: 0)
            }
        }
        #expect(failure(effects) == .stalled)
    }

    @Test func `late events of steps that are over are ignored`() {
        var session = SyncSession()
        let late: [SyncSession.Event] = [
            .prepared(request: small, changes: 0, waiting: 0), .received([1]), .woke,
            .failed(TransportError(.cut, "")), .applied(SyncSession.Outcome()),
        ]
        for event in late { #expect(session.receive(event, random: 0).isEmpty) }
        _ = session.receive(.start, random: 0)
        #expect(session.receive(.start, random: 0).isEmpty)
        #expect(session.receive(.received([1]), random: 0).isEmpty)
        _ = session.receive(.rejected(SyncError(.store, "full")), random: 0)
        for event in late { #expect(session.receive(event, random: 0).isEmpty) }
    }

    @Test func `whatever comes in whatever order, a session never traps and sends once at a time`()
    {
        for seed in 0..<200 as Range<UInt64> {
            var random = Seeded(seed)
            var session = SyncSession()
            var effects = session.receive(.start, random: 0)
            for _ in 0..<60 {
                let event: SyncSession.Event
                switch random.below(8) {
                case 0:
                    event = .prepared(request: random.pick([small, large]), changes: 1, waiting: 2)
                case 1: event = .received([1, 2])
                case 2: event = .received(Transfer.progress(offset: random.below(50_000)).encoded)
                case 3: event = .received(Transfer.rest(.init(of: [1, 2], from: 1)).encoded)
                case 4:
                    let bytes = Array(repeating: UInt8(random.below(4)), count: random.below(3_000))
                    event = .failed(TransportError(.cut, "", received: bytes))
                case 5: event = .woke
                case 6: event = .failed(TransportError(.busy(milliseconds: .max), ""))
                default:
                    event = SyncSessionTests.outcome {
                        $0.waiting = random.below(3)
                        $0.ahead = random.pick([0, .max])
                        $0.moved = random.chance(1, in: 2)
                    }
                }
                effects = session.receive(event, random: random.next())
                let steps = effects.count { effect in
                    if case .report = effect { false } else { true }
                }
                #expect(steps <= 1)
            }
        }
    }
}
