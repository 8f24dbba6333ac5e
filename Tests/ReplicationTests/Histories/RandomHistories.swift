import Replication

/// Seeded random histories of a few people.
enum RandomHistories {
    /// A world after `steps` random steps in which people edit one field, or all of them.
    static func world(
        _ policy: PolicyCase?,
        steps: Int,
        blindPercent: Int = 0,
        using random: inout SplitMix64
    ) -> World {
        let schema = PolicyCase.schema(random.chance(75) ? .keep : .delete)
        var people = Array(People.four.prefix(2 + random.below(3)))
        people.shuffle(using: &random)
        var world = World(people, schema: schema)
        for device in people.indices { world.devices[device].memory.writer = device }
        var traffic = World.Traffic(steps: steps)
        traffic.blindPercent = blindPercent
        world.run(traffic, using: &random) { random, memory in
            let field = policy ?? PolicyCase.allCases[random.below(PolicyCase.allCases.count)]
            return Step.random(using: &random).actions(field, &memory)
        }
        return world
    }

    static func one(
        _ policy: PolicyCase?,
        steps: Int,
        blindPercent: Int = 0,
        using random: inout SplitMix64
    ) -> History {
        world(policy, steps: steps, blindPercent: blindPercent, using: &random).history
    }
}
