import Replication
import SyncCore

/// What a person records in one change: decided by the event's seed and by what the store shows.
struct FleetEdits {
    private typealias Field = FleetSchema.Field
    private let plan: FleetPlan
    private let device: FleetDevice
    private let random: RandomStream
    /// Whether a finding may be begun here under this name.
    private let mayCreate: (RecordKey) -> Bool

    init(
        _ plan: FleetPlan,
        _ device: FleetDevice,
        seed: UInt64,
        mayCreate: @escaping (RecordKey) -> Bool
    ) {
        self.mayCreate = mayCreate
        self.plan = plan
        self.device = device
        random = RandomStream(seed: seed, name: "edits")
    }

    /// Edits one to three records.
    func carryOut(_ transaction: Transaction) throws {
        for _ in 0..<random.pick([1, 1, 1, 2, 3]) {
            if plan.rates[.oldProgram] + plan.rates[.oldHub] > 0, !device.isOld, random.chance(200)
            {
                try novelty(transaction)
                continue
            }
            switch random.below(10) {
            case 0: try secret(transaction)
            case 1, 2: try create(transaction)
            case 3: try errand(transaction)
            default: try finding(transaction)
            }
        }
    }

    /// One of the towns that the device works in.
    private func town() -> Int {
        let own = (0..<plan.towns)
            .filter { device.towns == 0 || device.towns & 1 << Int64($0) != 0 }
        return own.isEmpty ? 0 : random.pick(own)
    }

    /// A record that bears its town's canary and never moves.
    private func secret(_ transaction: Transaction) throws {
        let town = town()
        let key = transaction.newRecord(type: FleetSchema.finding)
        try transaction.edit(
            key,
            [
                .create, .set(Field.town, .text(FleetSchema.town(town))),
                .set(Field.title, .text(FleetSchema.canary(town))),
            ]
        )
    }

    private func create(_ transaction: Transaction) throws {
        let key = transaction.newRecord(type: FleetSchema.finding)
        try transaction.edit(
            key,
            [
                .create, .set(Field.town, .text(FleetSchema.town(town()))),
                .set(Field.title, .text("\(device.name) 记")),
                .set(Field.story, .text("凌晨两点在东苕溪芦苇荡发现一艘无名船")),
            ]
        )
        guard random.chance(500) else { return }
        let measurement = transaction.newRecord(type: FleetSchema.measurement)
        try transaction.edit(
            measurement,
            [
                .create, .set(1, .reference(key)),
                .set(2, .integer(Int64(random.below(20_000)))),
            ]
        )
    }

    /// Something that the version before does not know.
    private func novelty(_ transaction: Transaction) throws {
        let town = town()
        let name = "town \(town) finding \(random.below(plan.hot))"
        let finding = RecordKey(type: FleetSchema.finding, id: .named(name))
        guard random.chance(600), let view = try transaction.view(finding),
            view.lifecycle != .unknown
        else {
            let key = RecordKey(
                type: FleetSchema.sighting,
                id: .named("sighting \(random.below(3))")
            )
            let what = Edit.set(1, .text("\(device.name) \(random.below(9))"))
            let isKnown = try transaction.view(key).map { $0.lifecycle != .unknown } ?? false
            return try transaction.edit(key, isKnown ? [what] : [.create, what])
        }
        try transaction.edit(
            finding,
            [
                .set(Field.tide, .integer(Int64(random.below(300)))),
                .set(Field.grade, .text(random.pick(["甲", "乙"]))),
            ]
        )
    }

    /// Twins: they look the same, and only their bytes differ.
    private static let twins = ["caf\u{E9}", "cafe\u{301}"]

    private func errand(_ transaction: Transaction) throws {
        let hasTwins = plan.rates[.twins] > 0 && random.chance(500)
        let name = "errand " + (hasTwins ? random.pick(FleetEdits.twins) : "\(random.below(3))")
        let key = RecordKey(type: FleetSchema.errand, id: .named(name))
        guard let view = try transaction.view(key), view.lifecycle != .unknown else {
            try transaction.edit(key, [.create, .set(1, .text(device.name))])
            return
        }
        switch random.below(6) {
        case 0: try transaction.edit(key, [.delete(reason: "重复")])
        case 1 where !view.lifecycle.isVisible:
            try transaction.edit(key, [.undelete(reason: "")])
        case 2 where !view.lifecycle.isVisible:
            try transaction.edit(key, [.create, .set(1, .text("again"))])
        default:
            try transaction.edit(key, [.set(1, .text("\(device.name) \(random.below(9))"))])
        }
    }

    private func finding(_ transaction: Transaction) throws {
        let town = town()
        let name = "town \(town) finding \(random.below(plan.hot))"
        let key = RecordKey(type: FleetSchema.finding, id: .named(name))
        guard let view = try transaction.view(key), view.lifecycle != .unknown else {
            guard mayCreate(key) else { return }
            try transaction.edit(
                key,
                [
                    .create, .set(Field.town, .text(FleetSchema.town(town))),
                    .set(Field.title, .text("\(device.name) 初")),
                ]
            )
            return
        }
        if plan.rates[.move] > 0, random.chance(plan.rates[.move] * 3) {
            let target = random.below(plan.towns)
            try transaction.edit(key, [.set(Field.town, .text(FleetSchema.town(target)))])
            return
        }
        try transaction.edit(key, edits(view))
    }

    private func edits(_ view: RecordView) -> [Edit] {
        let words = ["电鱼", "地笼", "丝网", "钓"]
        let word = random.pick(words + (plan.rates[.twins] > 0 ? FleetEdits.twins : []))
        switch random.below(17) {
        case 0: return [.set(Field.title, .text("\(device.name) \(word)"))]
        case 1: return [.set(Field.priority, .integer(Int64(random.below(5))))]
        case 2, 3: return [.set(Field.method, random.chance(100) ? .null : .text(word))]
        case 4:
            return [
                .set(Field.latitude, .scaled(Int64(random.below(900)))),
                .set(Field.longitude, .scaled(7)),
            ]
        case 5: return [.set(Field.longitude, .scaled(Int64(random.below(1_800))))]
        case 6: return [.add(Field.tags, .text(word))]
        case 7: return [.remove(Field.tags, .text(word))]
        case 8:
            let id = random.pick(["a", "b", device.name])
            return [.append(Field.notes, id: id, .text(word))]
        case 9: return [.set(Field.hazard, .integer(Int64(random.below(6)) - 1))]
        case 10: return [.set(Field.crime, .boolean(random.chance(300)))]
        case 11: return [.increment(Field.visits, by: Int64(random.below(7)) - 2)]
        case 12: return [.set(Field.deadline, .timestamp(Int64(random.below(1_000_000))))]
        case 13: return [.set(Field.story, text(view[SlotKey(Field.story)]))]
        case 14: return [.set(Field.lead, .text(device.name))]
        case 15:
            return [
                .set(Field.title, .text(word)), .add(Field.tags, .text(device.name)),
                .increment(Field.visits, by: 1),
            ]
        default: return ending()
        }
    }

    private func ending() -> [Edit] {
        switch random.below(5) {
        case 0: [.void(reason: "重录")]
        case 1: [.undelete(reason: "误作废")]
        case 2 where random.chance(600): [.seal(reason: "签字")]
        default: [.set(Field.priority, .integer(9))]
        }
    }

    /// An edit of a text at a random place.
    private func text(_ value: FieldValue) -> FieldValue {
        guard case .text(let old) = value, !old.isEmpty, old.unicodeScalars.count < 80 else {
            return .text("凌晨两点在东苕溪芦苇荡发现一艘无名船")
        }
        var scalars = Array(old.unicodeScalars)
        let place = random.below(scalars.count)
        if random.chance(300) {
            scalars.remove(at: place)
        } else {
            scalars.insert(random.pick(["甲", "乙", "丙", "丁"]), at: place)
        }
        return .text(String(String.UnicodeScalarView(scalars)))
    }
}
