import Replication

/// Replicas and a hub in one process: devices edit, push first in, first out, pull prefixes of the
/// hub's order, lose responses, and meet each other directly.
///
/// What each writer has truly seen is counted apart from the engine, one counter for each replica.
struct World {
    /// What a device learnt, in the order in which it learnt it.
    enum Delivery: Hashable {
        /// A change was applied; the hub's number where the change came from the hub.
        case applied(event: Int, isNumbered: Bool)
        /// The hub's number and time of receipt of a change that had been applied before.
        case receipt(event: Int)
    }

    struct Device {
        let replica: ReplicaID
        var clock = HybridLogicalClock()
        var clockOffset: Int64 = 0
        /// Highest counter seen of each replica, by the replica's place.
        var known: [UInt64]
        /// Highest counter of each replica that stands in the prefix that was pulled.
        var inPrefix: [UInt64]
        var base: UInt64 = 0
        /// Entries of the hub's log that were pulled.
        var pulled = 0
        /// Events in the order in which they were applied here.
        var log: [Int] = []
        /// How much of the log the hub is known to have.
        var pushedThrough = 0
        var receipts = Receipts()
        var journal: [Delivery] = []
        var memory = WriterMemory()
    }

    struct Entry {
        let event: Int
        let sequence: UInt64
        let entries: UInt64
        let receipt: HybridTimestamp
    }

    let replicas: [ReplicaID]
    let schema: RecordSchema
    let key: RecordKey
    var devices: [Device]
    var events: [Event] = []
    var vectors: [[UInt64]] = []
    var places: [Int] = []
    var hub: [Entry] = []
    var entryOfEvent: [Int: Int] = [:]
    var hubKnown: [UInt64]
    var hubClock = HybridLogicalClock()
    var nextSequence: UInt64 = 1
    var now: Int64 = 1_790_000_000_000
    var violations: [String] = []

    init(_ replicas: [ReplicaID], schema: RecordSchema) {
        self.replicas = replicas
        self.schema = schema
        key = RecordKey(type: schema.number, id: .named("record"))
        let none = [UInt64](repeating: 0, count: replicas.count)
        devices = replicas.map { Device(replica: $0, known: none, inPrefix: none) }
        hubKnown = none
    }

    /// The history so far.
    var history: History {
        var sequences: [Dot: UInt64] = [:]
        var receipts: [Dot: HybridTimestamp] = [:]
        for entry in hub {
            sequences[events[entry.event].dot] = entry.sequence
            receipts[events[entry.event].dot] = entry.receipt
        }
        return History(schema: schema, events: events, sequences: sequences, receipts: receipts)
    }

    func sequence(of event: Int) -> UInt64? {
        entryOfEvent[event].map { hub[$0].sequence }
    }
}

extension World {
    /// The device writes one change; with `only` a blind one, which has seen these of others' alone.
    mutating func write(_ device: Int, _ actions: [Operation.Action], only: Set<Dot>? = nil) {
        now += 1
        devices[device].known[device] += 1
        let known = devices[device].known
        var peers = VersionVector()
        for (place, replica) in replicas.enumerated()
        where place != device && known[place] > devices[device].inPrefix[place] {
            peers[replica] = known[place]
        }
        let change = Change(
            dot: Dot(replicas[device], known[device]),
            context: CausalContext(
                base: devices[device].base,
                peers: peers,
                onlySeen: only.map { $0.sorted() }
            ),
            timestamp: devices[device].clock.now(at: now + devices[device].clockOffset),
            author: "officer \(device)",
            operations: actions.map { Operation(key, $0) }
        )
        var seen: [ReplicaID: UInt64] = [:]
        for (place, replica) in replicas.enumerated() where known[place] > 0 {
            seen[replica] = known[place]
        }
        events.append(Event(change: change, seen: seen, only: only))
        vectors.append(known)
        places.append(device)
        let event = events.count - 1
        devices[device].log.append(event)
        devices[device].journal.append(.applied(event: event, isNumbered: false))
        devices[device].memory.note(event: events[event])
    }

    /// Sends at most `limit` changes that the hub may not have; a lost response leaves the device
    /// not knowing that they arrived.
    mutating func push(_ device: Int, limit: Int = .max, entries: UInt64 = 1, losesResponse: Bool) {
        now += 1
        let start = devices[device].pushedThrough
        let end =
            limit < devices[device].log.count - start
            ? start + limit : devices[device].log.count
        for event in devices[device].log[start..<end] { receive(event, entries: entries) }
        guard !losesResponse else { return }
        for event in devices[device].log[start..<end] where places[event] == device {
            acknowledge(event, at: device)
        }
        devices[device].pushedThrough = end
    }

    private mutating func receive(_ event: Int, entries: UInt64) {
        let place = places[event]
        let counter = events[event].dot.counter
        guard counter > hubKnown[place] else { return }
        if counter != hubKnown[place] + 1 {
            violations.append("push is not first in, first out: \(events[event].dot)")
        }
        for other in replicas.indices
        where other != place && vectors[event][other] > hubKnown[other] {
            violations.append("the hub's order is not causal at \(events[event].dot)")
        }
        hubKnown[place] = counter
        entryOfEvent[event] = hub.count
        hub.append(
            Entry(
                event: event,
                sequence: nextSequence,
                entries: entries,
                receipt: hubClock.now(at: now)
            )
        )
        nextSequence += entries
    }

    private mutating func acknowledge(_ event: Int, at device: Int) {
        guard let index = entryOfEvent[event] else { return }
        let entry = hub[index]
        let counter = events[event].dot.counter
        let isNew = devices[device].receipts.sequence(of: counter) == nil
        do throws(Receipts.Refusal) {
            try devices[device].receipts
                .append(
                    Receipts.Run(
                        first: counter,
                        count: 1,
                        sequence: entry.sequence,
                        entries: entry.entries
                    )
                )
        } catch {
            violations.append("receipt refused: \(error)")
        }
        if isNew { devices[device].journal.append(.receipt(event: event)) }
    }

    /// Pulls at most `limit` changes of the hub's order: a prefix, never a gap.
    mutating func pull(_ device: Int, limit: Int = .max) {
        now += 1
        let start = devices[device].pulled
        let end = limit < hub.count - start ? start + limit : hub.count
        for index in start..<end { take(index, at: device) }
    }

    /// Takes one entry of the hub's log; the caller keeps to the order.
    mutating func take(_ index: Int, at device: Int) {
        let entry = hub[index]
        let place = places[entry.event]
        let counter = events[entry.event].dot.counter
        if devices[device].known[place] < counter {
            deliver(entry.event, to: device, isNumbered: true)
        } else if place == device {
            acknowledge(entry.event, at: device)
        } else {
            devices[device].journal.append(.receipt(event: entry.event))
        }
        devices[device].clock.observe(min(entry.receipt, events[entry.event].change.timestamp))
        devices[device].inPrefix[place] = counter
        devices[device].base = entry.sequence + entry.entries - 1
        devices[device].pulled = index + 1
    }

    private mutating func deliver(_ event: Int, to device: Int, isNumbered: Bool) {
        let place = places[event]
        if devices[device].known[place] + 1 != events[event].dot.counter {
            violations.append("delivery is not first in, first out: \(events[event].dot)")
        }
        for other in replicas.indices
        where other != place && vectors[event][other] > devices[device].known[other] {
            violations.append("delivery is not causal: \(events[event].dot)")
        }
        devices[device].known[place] = events[event].dot.counter
        devices[device].log.append(event)
        devices[device].journal.append(.applied(event: event, isNumbered: isNumbered))
        devices[device].memory.note(event: events[event])
    }

    /// Two devices meet: the receiver takes `prefix` more entries of the hub's log, as far as the
    /// sender has them, then at most `limit` of the sender's other changes.
    ///
    /// A change whose base lies beyond the receiver's is left for later: only within its own prefix
    /// does the receiver know every place in the hub's order that the context speaks of.
    mutating func meet(_ receiver: Int, _ sender: Int, prefix: Int, limit: Int) {
        now += 1
        let end = min(devices[sender].pulled, devices[receiver].pulled + prefix)
        if devices[receiver].pulled < end {
            for index in devices[receiver].pulled..<end { take(index, at: receiver) }
        }
        var left = limit
        for event in devices[sender].log where left > 0 {
            let place = places[event]
            guard devices[receiver].known[place] < events[event].dot.counter else { continue }
            guard events[event].change.context.base <= devices[receiver].base,
                replicas.indices.allSatisfy({
                    $0 == place || vectors[event][$0] <= devices[receiver].known[$0]
                }), devices[receiver].known[place] + 1 == events[event].dot.counter
            else { continue }
            deliver(event, to: receiver, isNumbered: false)
            devices[receiver].clock.observe(events[event].change.timestamp)
            left -= 1
        }
    }

    /// Everyone pushes and pulls everything.
    mutating func quiesce() {
        for device in devices.indices { push(device, losesResponse: false) }
        for device in devices.indices { pull(device) }
    }

    /// What does not hold of the invariants that anchored contexts rest on.
    func invariantViolations() -> [String] {
        var result = violations
        for device in devices {
            for entry in hub where entry.sequence <= device.base {
                let place = places[entry.event]
                if device.known[place] < events[entry.event].dot.counter {
                    result.append("\(device.replica) pulled no prefix: \(entry.sequence) lacks")
                }
            }
        }
        return result
    }
}

extension World {
    /// How busy a random world is.
    struct Traffic {
        var steps: Int
        var writePercent = 45
        var meetPercent = 15
        /// How many of the changes are blind, as where a record is not in a device's scopes.
        var blindPercent = 0
        var hasWrongClocks = true
    }

    /// Some of what others wrote and the device has.
    private func glimpse(of device: Int, using random: inout SplitMix64) -> Set<Dot> {
        let most = random.below(3)
        let others = devices[device].log.filter { places[$0] != device }
        return Set(
            (0..<most)
                .compactMap { _ in
                    others.isEmpty ? nil : events[others[random.below(others.count)]].dot
                }
        )
    }

    /// A random history: edits, pushes, pulls and meetings, many of them cut.
    mutating func run(
        _ traffic: Traffic,
        using random: inout SplitMix64,
        actions: (inout SplitMix64, inout WriterMemory) -> [Operation.Action]
    ) {
        if traffic.hasWrongClocks {
            for device in devices.indices where random.chance(40) {
                devices[device].clockOffset = Int64(random.below(600_000)) - 200_000
            }
        }
        for _ in 0..<traffic.steps {
            now += Int64(random.below(3) * random.below(500))
            let device = random.below(devices.count)
            let lot = random.below(100)
            if lot < traffic.writePercent {
                let isBlind =
                    traffic.blindPercent > 0 && random.chance(traffic.blindPercent)
                write(
                    device,
                    actions(&random, &devices[device].memory),
                    only: isBlind ? glimpse(of: device, using: &random) : nil
                )
            } else if lot < traffic.writePercent + traffic.meetPercent, devices.count > 1 {
                let other = (device + 1 + random.below(devices.count - 1)) % devices.count
                meet(
                    device,
                    other,
                    prefix: random.chance(50) ? random.below(6) : 0,
                    limit: random.chance(50) ? .max : random.below(4)
                )
            } else if random.chance(50) {
                push(
                    device,
                    limit: random.chance(60) ? .max : random.below(4),
                    entries: random.chance(80) ? 1 : 3,
                    losesResponse: random.chance(25)
                )
            } else {
                pull(device, limit: random.chance(60) ? .max : random.below(6))
            }
        }
    }
}
