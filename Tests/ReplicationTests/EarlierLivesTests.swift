import Replication
import Testing

/// The law at ``EarlierLives``: over any number of restores a context contains a dot if and only if
/// the full version vector of its writer does.
@Suite struct EarlierLivesTests {
    private static func epoch(_ number: Int) -> Epoch { Epoch(high: UInt64(number) + 1, low: 0) }

    @Test func `epochs have in common what stood before the first of their ways parted`() {
        let epochs = (0..<6).map(Self.epoch)
        var lives = EarlierLives()
        lives.add(EpochBirth(epoch: epochs[0]))
        #expect(lives.isEmpty)
        // Restored at 50, and that again at 60; and a copy from before all that at 40.
        lives.add(EpochBirth(epoch: epochs[1], parent: epochs[0], head: 50, records: 5))
        lives.add(EpochBirth(epoch: epochs[2], parent: epochs[1], head: 60, records: 6))
        lives.add(EpochBirth(epoch: epochs[3], parent: epochs[0], head: 40, records: 4))
        lives.add(EpochBirth(epoch: epochs[5]))
        #expect(!lives.isEmpty)
        func head(_ one: Int, _ other: Int) -> UInt64? {
            #expect(
                lives.shared(epochs[one], epochs[other]) == lives.shared(epochs[other], epochs[one])
            )
            return lives.shared(epochs[one], epochs[other])?.head
        }
        #expect(head(0, 1) == 50)
        #expect(head(1, 2) == 60)
        #expect(head(0, 2) == 50)
        #expect(head(2, 3) == 40)
        #expect(lives.shared(epochs[2], epochs[3])?.records == 4)
        #expect(head(2, 2) == .max)
        #expect(head(2, 5) == nil)
        #expect(head(4, 0) == nil)
    }

    @Test func `births in a circle end`() {
        var lives = EarlierLives()
        lives.add(EpochBirth(epoch: Self.epoch(0), parent: Self.epoch(1), head: 3))
        lives.add(EpochBirth(epoch: Self.epoch(1), parent: Self.epoch(0), head: 2))
        #expect(lives.shared(Self.epoch(0), Self.epoch(2)) == nil)
        #expect(lives.shared(Self.epoch(0), Self.epoch(1))?.head == 3)
    }

    @Test func `what was told first of an epoch stays`() throws {
        var lives = EarlierLives()
        let isNews = [1, 2].map { lives.add(EpochBirth(epoch: Self.epoch(0), head: $0)) }
        #expect(isNews == [true, false])
        #expect(lives.allBirths == [EpochBirth(epoch: Self.epoch(0), head: 1)])
        let run = Receipts.Run(first: 3, count: 2, sequence: 7)
        let first = try lives.add(run, of: People.alice, in: Self.epoch(0))
        let second = try lives.add(run, of: People.alice, in: Self.epoch(0))
        #expect(first)
        #expect(!second)
        #expect(throws: Receipts.Refusal.self) {
            try lives.add(
                Receipts.Run(first: 3, count: 1, sequence: 9),
                of: People.alice,
                in: Self.epoch(0)
            )
        }
        #expect(lives.hasNumbered(Dot(People.alice, 4)))
        #expect(!lives.hasNumbered(Dot(People.alice, 5)))
    }

    @Test func `a blind entry has seen what it names, in whatever epoch, and nothing by its base`()
        throws
    {
        var lives = EarlierLives()
        lives.add(EpochBirth(epoch: Self.epoch(0)))
        lives.add(EpochBirth(epoch: Self.epoch(1), parent: Self.epoch(0), head: 5))
        try lives.add(
            Receipts.Run(first: 1, count: 3, sequence: 6),
            of: People.alice,
            in: Self.epoch(0)
        )
        var context = CausalContext(base: 8, epoch: Self.epoch(0))
        let change = Dot(People.alice, 2)
        func isSeen() -> Bool {
            CausalPast(of: Dot(People.bob, 1), context: context).contains(change, sequence: nil)
                || lives.isSeen(change, by: context, sequence: 3, in: Self.epoch(1))
        }
        #expect(isSeen())
        context.onlySeen = []
        #expect(!isSeen())
        context.onlySeen = [change]
        #expect(isSeen())
        #expect(context.ofChange == CausalContext(base: 8, epoch: Self.epoch(0)))
    }

    @Test(arguments: [(2, 31), (3, 32), (5, 33), (8, 34), (12, 35), (5, 36)] as [(Int, UInt64)])
    func `contexts of every epoch contain what the full vectors contain`(
        devices: Int,
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        var world = Restored(People.crowd(devices))
        for _ in 0..<1_200 { world.step(&random) }
        #expect(world.epochs > 3)
        for device in world.devices.indices {
            world.push(device, limit: .max)
            world.pull(device, limit: .max)
        }
        #expect(Set(world.log).count == world.events.count, "everything comes back")
        var differences = 0
        var seen = 0
        for _ in 0..<40_000 {
            let one = world.events[random.below(world.events.count)]
            let other = world.events[random.below(world.events.count)]
            let isSeen = one.vector.contains(other.dot)
            if isSeen { seen += 1 }
            if world.hasSeen(one, other) != isSeen { differences += 1 }
        }
        #expect(differences == 0)
        #expect((2_000...38_000).contains(seen))
        #expect(world.events.contains { $0.past.context.epoch != world.epoch })
    }
}

/// Devices and a hub that is restored from older copies, without stores and records.
private struct Restored {
    struct Event {
        let dot: Dot
        let past: CausalPast
        let vector: VersionVector
    }

    struct Device {
        let replica: ReplicaID
        var epoch: Epoch?
        var cursor = 0
        /// What it has, in the order in which it came.
        var log: [Int] = []
        var known = VersionVector()
        /// What stands in the hub's prefix.
        var prefix = VersionVector()
    }

    var devices: [Device]
    var events: [Event] = []
    /// The hub's order now.
    var log: [Int] = []
    var epoch = Epoch(high: 1, low: 1)
    var epochs = 1
    var lives = EarlierLives()
    /// The orders of earlier epochs, as far as they came.
    private var orders: [Epoch: [Int]] = [:]
    private var copies: [(epoch: Epoch, log: [Int])] = []

    init(_ replicas: [ReplicaID]) {
        devices = replicas.map { Device(replica: $0) }
        lives.add(EpochBirth(epoch: epoch))
    }

    mutating func step(_ random: inout SplitMix64) {
        let device = random.below(devices.count)
        switch random.below(100) {
        case ..<45: write(device)
        case ..<70: push(device, limit: random.chance(60) ? .max : random.below(4))
        case ..<95: pull(device, limit: random.chance(60) ? .max : random.below(6))
        case ..<98: copies.append((epoch, log))
        default: restore(random.below(max(copies.count, 1)))
        }
    }

    mutating func write(_ device: Int) {
        let replica = devices[device].replica
        var peers = VersionVector()
        for entry in devices[device].known.entries
        where entry.replica != replica
            && entry.counter > devices[device].prefix[entry.replica]
        {
            peers[entry.replica] = entry.counter
        }
        let dot = Dot(replica, devices[device].known[replica] + 1)
        devices[device].known.insert(dot)
        let context = CausalContext(
            base: UInt64(devices[device].cursor),
            peers: peers,
            epoch: devices[device].epoch
        )
        devices[device].log.append(events.count)
        events.append(
            Event(
                dot: dot,
                past: CausalPast(of: dot, context: context),
                vector: devices[device].known
            )
        )
    }

    mutating func push(_ device: Int, limit: Int) {
        follow(device)
        let stored = Set(log)
        log += devices[device].log.filter { !stored.contains($0) }.prefix(limit)
    }

    mutating func pull(_ device: Int, limit: Int) {
        follow(device)
        let start = devices[device].cursor
        let end = limit < log.count - start ? start + limit : log.count
        for event in log[start..<end] {
            let dot = events[event].dot
            if !devices[device].known.contains(dot) {
                devices[device].known.insert(dot)
                devices[device].log.append(event)
            }
            devices[device].prefix.insert(dot)
        }
        devices[device].cursor = end
    }

    /// An older copy of the hub takes its place.
    mutating func restore(_ copy: Int) {
        guard copies.indices.contains(copy) else { return }
        orders[epoch] = log
        log = copies[copy].log
        epochs += 1
        epoch = Epoch(high: UInt64(epochs), low: 1)
        lives.add(
            EpochBirth(epoch: epoch, parent: copies[copy].epoch, head: UInt64(log.count))
        )
    }

    /// A device that hears of the new epoch keeps what is common, and the old numbers.
    private mutating func follow(_ device: Int) {
        defer { devices[device].epoch = epoch }
        guard let old = devices[device].epoch, old != epoch,
            let shared = lives.shared(old, epoch), Int(shared.head) < devices[device].cursor,
            let order = orders[old]
        else { return }
        for place in Int(shared.head)..<devices[device].cursor {
            let dot = events[order[place]].dot
            _ = try? lives.add(
                Receipts.Run(first: dot.counter, count: 1, sequence: UInt64(place) + 1),
                of: dot.replica,
                in: old
            )
        }
        devices[device].cursor = Int(shared.head)
        devices[device].prefix = VersionVector()
        for event in order.prefix(Int(shared.head)) {
            devices[device].prefix.insert(events[event].dot)
        }
    }

    func hasSeen(_ one: Event, _ other: Event) -> Bool {
        let number = log.firstIndex { events[$0].dot == other.dot }.map { UInt64($0) + 1 }
        return one.past.contains(other.dot, sequence: nil)
            || lives.isSeen(other.dot, by: one.past.context, sequence: number, in: epoch)
    }
}
