import MergeServer
import Replication
import SyncCore

/// What a client sends that is no device of the fleet.
enum FleetTrick: CaseIterable {
    case cut, longNumber, bomb, lastCounter, farCursor, wideContext, futureContext,
        ownScopeOfAnother
    case guessedRegistration, fork, torn, twice, hubsField, legalFact, unmadeRecord,
        otherScopesCursor

    /// What the hub must make of it.
    enum Answer {
        /// A typed answer that takes nothing.
        case declined
        /// The change is kept apart and nobody gets it.
        case heldApart
        /// A page of what it may see, and nothing else.
        case itsScope
    }

    var answer: Answer {
        switch self {
        case .hubsField, .legalFact, .unmadeRecord: .heldApart
        case .otherScopesCursor: .itsScope
        default: .declined
        }
    }
}

/// Makes a stranger's messages: well-formed where that is the trick, and never with a token.
struct FleetStranger {
    let random: RandomStream
    let replica: ReplicaID
    /// The stranger's town.
    let town: Int

    init(seed: UInt64, towns: Int) {
        random = RandomStream(seed: seed, name: "stranger")
        replica = ReplicaID(random.next() | 1)
        town = random.below(towns)
    }

    /// The message of a trick; nil where the fleet offers no occasion.
    ///
    /// - `victim`: a device's id, its scopes, and a change of its that the hub has.
    func message(
        _ trick: FleetTrick,
        victim: (replica: ReplicaID, scopes: [String], known: LogEntry?),
        head: UInt64
    ) -> [UInt8]? {
        let errand = FleetStranger.errand
        let what = Operation.Action.write(SlotKey(1), .text("a stranger was here"))
        switch trick {
        case .cut:
            let whole = push([entry(1, errand, [.create, what])])
            return Array(whole.prefix(random.below(whole.count)))
        case .longNumber:
            // The cursor stands last: a zero of two bytes.
            return Array(request().dropLast()) + [0x80, 0]
        case .bomb: return FleetStranger.bomb.map(push)
        case .lastCounter: return push([entry(UInt64(Int64.max), errand, [.create, what])])
        case .farCursor: return request(cursor: UInt64(Int64.max))
        case .wideContext: return push(FleetStranger.wide)
        case .futureContext:
            var future = entry(1, errand, [.create, what])
            future.context.base = head + 1 + UInt64(random.below(1_000))
            return push([future])
        case .ownScopeOfAnother: return request(scopes: [victim.replica.ownScope])
        case .guessedRegistration:
            return SyncRequest(caller: .registered(number: 1, tag: 0), cursor: 0)
                .encoded(dictionary: nil)
        case .fork:
            guard var known = victim.known else { return nil }
            known.reason = ""
            known.part = 0
            known.parts = 1
            return SyncRequest(
                caller: introduction(victim.replica, victim.scopes),
                cursor: 0,
                push: Batch(entries: [Batch.Item(entry: known)], isSequenced: false)
            )
            .encoded(dictionary: nil)
        case .torn:
            var torn = entry(1, errand, [.create, what])
            torn.parts = 2
            return push([torn])
        case .twice:
            return push([
                entry(1, errand, [.create, what]),
                entry(1, RecordKey(type: FleetSchema.errand, id: .named("other")), [.create]),
            ])
        case .hubsField:
            return push([made([.write(SlotKey(FleetSchema.Field.verdict), .text("不罚"))])])
        case .legalFact: return push([made([.delete(reason: "")])])
        case .unmadeRecord:
            let dot = Dot(victim.replica, 1 << 40)
            let key = RecordKey(type: FleetSchema.errand, id: .created(by: dot, index: 0))
            return push([entry(1, key, [.create, what])])
        case .otherScopesCursor:
            let introduction = SyncRequest.Introduction(
                replica: replica,
                epoch: nil,
                schemaVersion: 1,
                acknowledged: 0,
                dictionaryVersion: 0,
                scopes: [FleetSchema.scope(town)],
                transition: random.chance(500) ? .init(from: [], after: 0) : nil
            )
            let cursor = random.chance(500) ? head : UInt64(random.below(Int(head) + 1))
            return SyncRequest(caller: .introduction(introduction), cursor: cursor)
                .encoded(dictionary: nil)
        }
    }

    private func introduction(
        _ replica: ReplicaID,
        _ scopes: [String]
    ) -> SyncRequest.Caller {
        .introduction(
            SyncRequest.Introduction(
                replica: replica,
                epoch: nil,
                schemaVersion: 1,
                acknowledged: 0,
                dictionaryVersion: 0,
                scopes: scopes
            )
        )
    }

    private func request(scopes: [String]? = nil, cursor: UInt64 = 0) -> [UInt8] {
        let scopes = scopes ?? [FleetSchema.scope(town)]
        return SyncRequest(caller: introduction(replica, scopes), cursor: cursor)
            .encoded(dictionary: nil)
    }

    private func push(_ entries: [LogEntry]) -> [UInt8] {
        SyncRequest(
            caller: introduction(replica, [FleetSchema.scope(town)]),
            cursor: 0,
            push: FleetStranger.batch(entries)
        )
        .encoded(dictionary: nil)
    }

    /// A push with a block that was made elsewhere.
    private func push(_ block: [UInt8]) -> [UInt8] {
        let other = [entry(1, RecordKey(type: FleetSchema.errand, id: .named("")), [.create])]
        return push(other).dropLast(FleetStranger.block(other).count) + block
    }

    private static func batch(_ entries: [LogEntry]) -> Batch {
        Batch(entries: entries.map { Batch.Item(entry: $0) }, isSequenced: false)
    }

    /// Entries as they end a request.
    private static func block(_ entries: [LogEntry]) -> [UInt8] {
        var writer = ByteWriter()
        CompressedBlock.encode(
            BatchEncoder.encode(batch(entries)),
            dictionary: nil,
            into: &writer
        )
        return writer.bytes
    }

    private func entry(
        _ counter: UInt64,
        _ key: RecordKey,
        _ actions: [Operation.Action]
    ) -> LogEntry {
        LogEntry(
            dot: Dot(replica, counter),
            part: 0,
            parts: 1,
            context: CausalContext(),
            timestamp: HybridTimestamp(wallTime: 0),
            author: "mallory",
            reason: "",
            record: key,
            actions: actions
        )
    }

    /// A finding of the stranger's own, and something that it may not do to it.
    private func made(_ forbidden: [Operation.Action]) -> LogEntry {
        let key = RecordKey(
            type: FleetSchema.finding,
            id: .created(by: Dot(replica, 1), index: 0)
        )
        let town = FieldValue.text(FleetSchema.town(town))
        return entry(1, key, [.create, .write(SlotKey(FleetSchema.Field.town), town)] + forbidden)
    }

    // MARK: What takes long to make, and is made once

    /// Whose changes these are: whoever sends them, it is a peer's.
    private static let maker = FleetStranger(seed: 0, towns: 1)
    private static let errand = RecordKey(type: FleetSchema.errand, id: .named("stranger's"))

    /// A change that is right in itself and comes at a thousand bytes for one.
    private static let bomb: [UInt8]? = {
        let text = FieldValue.text(String(repeating: "a", count: 900_000))
        let heavy = maker.entry(1, errand, [.create, .write(SlotKey(1), text)])
        let plain = BatchEncoder.encode(batch([heavy]))
        guard let small = Deflate.compress(plain, level: 9) else { return nil }
        // The encoder would store it instead.
        var writer = ByteWriter()
        writer.byte(1)
        writer.count(plain.count)
        writer.raw(small)
        return writer.bytes
    }()

    /// A change whose writer says that it has seen more replicas than a message may name.
    private static let wide: [UInt8] = {
        var wide = maker.entry(1, errand, [.create])
        for peer in 1...UInt64(WireLimits.standard.replicasMax) + 1 {
            wide.context.peers[ReplicaID(peer)] = 1
        }
        return block([wide])
    }()
}

extension FleetRun {
    /// Clients that are no devices of the fleet try the hub.
    func intrude(_ event: FleetEvent) throws {
        for number in 0..<4 as Range<UInt64> where report.violations.isEmpty {
            let stranger = FleetStranger(seed: event.seed &+ number, towns: plan.towns)
            try intrude(stranger, devices[event.device])
        }
    }

    private func intrude(_ stranger: FleetStranger, _ device: FleetDevice) throws {
        let trick = stranger.random.pick(FleetTrick.allCases)
        let replica = try device.replica()
        let id = replica.id
        let victim = (
            replica: id, scopes: try replica.status().scopes,
            known: log.items.first { $0.entry.dot.replica == id }?.entry
        )
        guard let bytes = stranger.message(trick, victim: victim, head: log.head),
            let answer = hub.handle(bytes, at: now)
        else { return }
        report.count("stranger: \(trick)")
        digest.add(answer)
        let head = log.head
        try readHubLog()
        guard report.violations.isEmpty else { return }
        guard log.head == head else {
            return violate(.writeScope, "the hub stores what a stranger sends (\(trick))")
        }
        let response: SyncResponse
        do {
            response = try SyncResponse.decode(answer, dictionaries: []) { number in
                try? hub.storage?.record(number: number)
            }
        } catch {
            return violate(.boundedInput, "the hub's answer to \(trick) cannot be read: \(error)")
        }
        judge(response, to: trick, of: stranger)
    }

    private func judge(
        _ response: SyncResponse,
        to trick: FleetTrick,
        of stranger: FleetStranger
    ) {
        if case .busy = response.status { return }
        switch trick.answer {
        case .declined:
            guard response.status == .done else { return }
            violate(.boundedInput, "the hub takes a message that it must decline (\(trick))")
        case .heldApart:
            guard response.status == .done, response.quarantined.isEmpty else { return }
            violate(.writeScope, "the hub does not hold apart what it must (\(trick))")
        case .itsScope:
            let bit: Int64 = 1 << Int64(stranger.town)
            let foreign = response.entries.entries.map(\.entry.record)
                .first { log.towns(of: $0) & bit == 0 }
            guard let key = foreign else { return }
            violate(.readScope, "a stranger of town \(stranger.town) gets \(key.id)")
        }
    }
}
