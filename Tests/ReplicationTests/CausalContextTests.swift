import Replication
import Testing

/// The law at ``CausalContext``: an anchored context contains a dot if and only if the full version
/// vector does.
struct CausalContextTests {
    @Test(arguments: [(2, 11), (3, 12), (5, 13), (12, 14), (50, 15), (50, 16)] as [(Int, UInt64)])
    func `an anchored context contains what the full vector contains`(
        devices: Int,
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        let world = CausalContextTests.world(devices, seed: seed)
        #expect(world.invariantViolations().isEmpty)
        #expect(world.hub.count > 100)
        let sequences = world.events.indices.map { world.sequence(of: $0) }
        var seenCount = 0
        var differences = 0
        for _ in 0..<40_000 {
            let event = random.below(world.events.count)
            let other = random.below(world.events.count)
            let dot = world.events[other].dot
            let isSeen = world.vectors[event][world.places[other]] >= dot.counter
            let past = world.events[event].change.past
            if past.contains(dot, sequence: sequences[other]) != isSeen { differences += 1 }
            if isSeen { seenCount += 1 }
        }
        #expect(differences == 0)
        // The comparison must not be about nothing.
        #expect((2_000...38_000).contains(seenCount))
    }

    @Test
    func `a context costs two integers whatever the number of devices when nobody meets`() {
        let world = CausalContextTests.world(50, seed: 21, meetPercent: 0)
        #expect(world.events.allSatisfy { $0.change.context.peers.isEmpty })
    }

    @Test
    func `peers are named only while they are not below the base`() {
        let world = CausalContextTests.world(5, seed: 22)
        #expect(world.events.contains { !$0.change.context.peers.isEmpty })
        for event in world.events.indices {
            for entry in world.events[event].change.context.peers.entries {
                let newest = world.events.firstIndex {
                    $0.dot == Dot(entry.replica, entry.counter)
                }
                let sequence = newest.flatMap { world.sequence(of: $0) } ?? .max
                #expect(sequence > world.events[event].change.context.base)
            }
        }
    }

    @Test
    func `a pull that is not a prefix is found as a broken invariant`() {
        var world = World(People.crowd(3), schema: PolicyCase.schema())
        world.write(0, [.create])
        world.push(0, losesResponse: false)
        world.write(1, [.create])
        world.push(1, losesResponse: false)
        world.take(1, at: 2)
        #expect(!world.invariantViolations().isEmpty)
        world.write(2, [.create])
        let dot = world.events[0].dot
        let past = world.events[2].change.past
        #expect(world.events[2].seen[dot.replica] == nil)
        #expect(past.contains(dot, sequence: 1), "without the invariant the law breaks")
    }

    @Test
    func `a push out of order is found as a broken invariant`() {
        var world = World(People.crowd(2), schema: PolicyCase.schema())
        world.write(0, [.create])
        world.write(0, [.delete(reason: "")])
        world.devices[0].log.swapAt(0, 1)
        world.push(0, losesResponse: false)
        #expect(world.invariantViolations().contains { $0.contains("first in, first out") })
    }

    @Test
    func `a change sees itself and its writer's past and nothing of its writer's future`() {
        let past = CausalPast(of: Dot(People.alice, 3), context: CausalContext(base: 10))
        #expect(past.contains(Dot(People.alice, 3), sequence: nil))
        #expect(past.contains(Dot(People.alice, 1), sequence: nil))
        #expect(!past.contains(Dot(People.alice, 4), sequence: 5))
        #expect(past.contains(Dot(People.bob, 9), sequence: 10))
        #expect(!past.contains(Dot(People.bob, 9), sequence: 11))
        #expect(!past.contains(Dot(People.bob, 9), sequence: nil))
    }

    @Test
    func `a blind change has seen its writer's past and what it names, whatever its base says`() {
        let context = CausalContext(
            base: 10,
            peers: [People.carol: 4],
            onlySeen: [Dot(People.bob, 7)]
        )
        let past = CausalPast(of: Dot(People.alice, 3), context: context)
        #expect(past.contains(Dot(People.alice, 1), sequence: 2))
        #expect(past.contains(Dot(People.bob, 7), sequence: nil))
        #expect(!past.contains(Dot(People.bob, 6), sequence: 1))
        #expect(!past.contains(Dot(People.carol, 4), sequence: 3))
        #expect(!past.contains(Dot(People.alice, 4), sequence: 5))
    }

    @Test(arguments: [(3, 31), (5, 32), (12, 33)] as [(Int, UInt64)])
    func `blind changes among the others contain what their writers had`(
        devices: Int,
        seed: UInt64
    ) {
        let world = CausalContextTests.world(devices, seed: seed, blindPercent: 30)
        var blind = 0
        var differences = 0
        for event in world.events {
            if event.only != nil { blind += 1 }
            for (index, other) in world.events.enumerated() {
                let sequence = world.sequence(of: index)
                let isSeen = event.sight.contains(other.dot)
                if event.change.past.contains(other.dot, sequence: sequence) != isSeen {
                    differences += 1
                }
            }
        }
        #expect(differences == 0)
        #expect(blind > 20)
    }

    @Test
    func `a lost response changes nothing but what the device knows of the hub`() {
        var world = World(People.crowd(2), schema: PolicyCase.schema())
        world.write(0, [.create])
        world.push(0, losesResponse: true)
        #expect(world.devices[0].receipts.acknowledged == 0)
        #expect(world.hub.count == 1)
        world.write(0, [.delete(reason: "")])
        world.push(0, losesResponse: false)
        #expect(world.hub.count == 2)
        #expect(world.devices[0].receipts.acknowledged == 2)
        #expect(world.devices[0].receipts.runs.count == 1)
    }

    private static func world(
        _ devices: Int,
        seed: UInt64,
        meetPercent: Int = 12,
        blindPercent: Int = 0
    ) -> World {
        var random = SplitMix64(seed: seed)
        var world = World(People.crowd(devices), schema: PolicyCase.schema())
        var traffic = World.Traffic(steps: 400 + devices * 16)
        traffic.writePercent = 40
        traffic.meetPercent = meetPercent
        traffic.blindPercent = blindPercent
        world.run(traffic, using: &random) { _, _ in [.undelete(reason: "")] }
        return world
    }
}
