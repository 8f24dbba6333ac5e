import Replication

/// A device's store in small: it applies what it learns as it learns it.
///
/// Its own changes and those of a peer are applied before the hub numbers them; the number and the
/// bound come later.
struct LiveReplica {
    private(set) var state = RecordState()
    /// How often a late bound made it necessary to build the record again.
    private(set) var rebuilds = 0
    private var sequences: [Dot: UInt64] = [:]
    private var receipts: [Dot: HybridTimestamp] = [:]
    private var applied: [Int] = []
    private let world: World

    /// Plays what the device learnt; a restart after every change would give the same, for the
    /// state is a value.
    init(_ device: Int, of world: World) {
        self.world = world
        for delivery in world.devices[device].journal {
            switch delivery {
            case .applied(let event, let isNumbered):
                if isNumbered { learn(event) }
                applied.append(event)
                apply(event)
            case .receipt(let event):
                learn(event)
                guard let receipt = receipts[world.events[event].dot] else { continue }
                if !state.bound(world.events[event].dot, by: receipt) {
                    rebuilds += 1
                    state = rebuilt()
                }
            }
        }
    }

    /// The state from the log alone, with all that is known now.
    func rebuilt() -> RecordState {
        var copy = self
        copy.state = RecordState()
        for event in applied { copy.apply(event) }
        return copy.state
    }

    private mutating func learn(_ event: Int) {
        guard let index = world.entryOfEvent[event] else { return }
        sequences[world.events[event].dot] = world.hub[index].sequence
        receipts[world.events[event].dot] = world.hub[index].receipt
    }

    private mutating func apply(_ event: Int) {
        let change = world.events[event].change
        let bound = receipts[change.dot] ?? change.timestamp
        state.apply(
            world.events[event].actions,
            stamp: Stamp(
                dot: change.dot,
                sequence: nil,
                timestamp: min(change.timestamp, bound),
                author: change.author
            ),
            past: NumberedPast(past: change.past, sequences: sequences),
            schema: world.schema
        )
    }
}

/// A change's past for states whose stamps carry no numbers: they are looked up, as a store does in
/// its receipts.
struct NumberedPast: CausalKnowledge {
    let past: CausalPast
    let sequences: [Dot: UInt64]

    func contains(_ dot: Dot, sequence: UInt64?) -> Bool {
        past.contains(dot, sequence: sequence ?? sequences[dot])
    }
}

extension RecordState {
    /// The same without the hub's numbers, which replicas learn at different moments.
    var withoutNumbers: RecordState {
        func plain(_ stamp: Stamp) -> Stamp {
            var stamp = stamp
            stamp.sequence = nil
            return stamp
        }
        return RecordState(
            slots: slots.map { slot in
                Slot(
                    key: slot.key,
                    siblings: slot.siblings.map {
                        Slot.Sibling(
                            stamp: plain($0.stamp),
                            value: $0.value,
                            isSuperseded: $0.isSuperseded
                        )
                    }
                )
            },
            marks: marks.map {
                LifecycleMark(
                    stamp: plain($0.stamp),
                    kind: $0.kind,
                    reason: $0.reason,
                    contest: $0.contest.map(plain)
                )
            },
            creation: creation.map(plain),
            seals: seals.map {
                Seal(
                    stamp: plain($0.stamp),
                    reason: $0.reason,
                    content: $0.content,
                    covered: $0.covered,
                    missed: $0.missed
                )
            }
        )
    }
}
