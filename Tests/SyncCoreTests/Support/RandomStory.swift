import Replication
import SyncCore

/// People who write and meet at random, from a seed.
final class RandomStory {
    let bench: Workbench
    let replicas: [Replica]
    private var random: Seeded
    private var sightings: [Reference<Sighting>] = []
    private var errands: [Reference<Errand>] = []

    init(_ bench: Workbench, seed: UInt64) throws {
        self.bench = bench
        random = Seeded(seed)
        replicas = try ["alice", "bob", "carol"].map { try bench.replica($0) }
    }

    func play(steps: Int) throws {
        for _ in 0..<steps {
            bench.clock.advance(Int64(random.below(3_000)))
            let replica = random.pick(replicas)
            switch random.below(10) {
            case 0, 1: try insert(replica)
            case 2: try bench.exchange(replica, random.pick(replicas.filter { $0 !== replica }))
            case 3: try endOrRevive(replica)
            default: try edit(replica)
            }
        }
    }

    private func insert(_ replica: Replica) throws {
        try replica.write {
            var sighting = Sighting(title: word(), method: word(), town: word())
            if random.chance(1, in: 2) {
                sighting.latitude = ScaledDecimal(units: Int64(random.below(900_000_000)))
                sighting.longitude = ScaledDecimal(units: Int64(random.below(1_800_000_000)))
            }
            sightings.append(try $0.insert(sighting))
            errands.append(try $0.insert(Errand(what: word())))
        }
    }

    private func edit(_ replica: Replica) throws {
        guard !sightings.isEmpty else { return }
        let sighting = random.pick(sightings)
        guard try replica.record(sighting) != nil else { return }
        let seal = random.chance(1, in: 12)
        // Of a sealed record entries that came later stand beside it, and are taken all the same.
        let taken = try replica.read { try $0.state(sighting.key) }?.slots(of: 8).map(\.key.element)
        try replica.write {
            try $0.update(sighting) { record in
                for _ in 0..<(random.below(3) + 1) { change(&record, taken ?? []) }
            }
            if seal { try $0.edit(sighting.key, [.seal(reason: "签名")]) }
        }
    }

    private func change(_ record: inout Sighting, _ taken: [FieldValue?]) {
        switch random.below(12) {
        case 0: record.title = word()
        case 1: record.method = random.chance(1, in: 5) ? nil : word()
        case 2: record.latitude = ScaledDecimal(units: Int64(random.below(900_000_000)))
        case 3: record.tags.formSymmetricDifference([word()])
        case 4:
            let id = "n\(random.below(4))"
            if !taken.contains(.text(id)) { record.notes[id] = word() }
        case 5: record.hazard = max(record.hazard, random.below(6))
        case 6: record.isCrime = true
        case 7: record.visits += Int64(random.below(5)) - 1
        case 8: record.remark += word()
        case 9: record.story = word() + record.story
        case 10: record.handler = word()
        default: record.town = word()
        }
    }

    private func endOrRevive(_ replica: Replica) throws {
        if let sighting = sightings.isEmpty ? nil : random.pick(sightings),
            random.chance(1, in: 2), try replica.record(sighting) != nil
        {
            try replica.write { try $0.void(sighting, reason: word()) }
        } else if let errand = errands.isEmpty ? nil : random.pick(errands),
            let view = try replica.read({ try $0.view(errand.key) })
        {
            try replica.write {
                if view.lifecycle.isVisible {
                    try $0.delete(errand, reason: word())
                } else {
                    try $0.edit(errand.key, [.undelete(reason: word())])
                }
            }
        }
    }

    private func word() -> String {
        random.pick(["电鱼", "地笼", "网", "小船 2 艘", "岸边", "夜间 12:30", "Boat", "", "东迁街道"])
    }
}
