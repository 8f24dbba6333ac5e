import Models
import Replication
import SyncCore

/// What an officer records: findings of everybody, edited by everybody, and what belongs to them.
struct DeviceLife {
    static let towns = ["330502100", "330502104", "330502105"]

    let replica: Replica
    let name: String
    let round: Int
    var dice: Dice
    private var count = 0

    init(replica: Replica, name: String, round: Int, seed: UInt64) {
        self.replica = replica
        self.name = name
        self.round = round
        dice = Dice(seed: seed)
    }

    /// Writes one change, whose reason is its name, and says so after the commit.
    mutating func write() throws {
        count += 1
        let token = DeviceLife.token(name, round: round, count)
        let known = try newest()
        do {
            let before = own()
            try replica.write(reason: token) { try edit(known, token, $0) }
            // A body that changes nothing makes no change: there is nothing to say then.
            if own() > before { DeviceSays.wrote.say(token) }
        } catch is EditError {
            // A record that was voided or sealed meanwhile.
        }
    }

    /// How many changes this replica has made.
    private func own() -> UInt64 {
        let id = replica.id
        return replica.core.withLock { $0.store.knowledge[id] }
    }

    /// The name of a change.
    static func token(_ name: String, round: Int, _ count: Int) -> String {
        "\(name)-\(round)-\(count)"
    }

    private mutating func edit(
        _ known: [Reference<Finding>],
        _ token: String,
        _ transaction: Transaction
    ) throws {
        guard !known.isEmpty, dice.chance(70) else { return try create(token, transaction) }
        let finding = dice.pick(known)
        switch dice.below(12) {
        case 0: try add(to: finding, token, transaction)
        case 1:
            var note = Note()
            note.finding = finding
            note.text = token
            note.writtenBy = name
            try transaction.insert(note)
        case 2:
            try transaction.void(finding, reason: token)
        case 3:
            // It moves to another town: other devices get or lose it.
            try transaction.update(finding) { $0.town = dice.pick(Self.towns) }
        default:
            try transaction.update(finding) {
                switch dice.below(8) {
                case 0: $0.title = token
                case 1: $0.method = dice.pick([.electric, .groundCage, .poison])
                case 2: $0.remark += token + "。"
                case 3: $0.description += token + "。"
                case 4: $0.participants.insert(name)
                case 5: $0.hazardLevel = Int64(dice.below(5))
                case 6: $0.mainHandler = name
                default:
                    $0.latitude = ScaledDecimal(units: 307_318_000 + Int64(dice.below(90_000)))
                    $0.longitude = ScaledDecimal(units: 1_200_452_000 + Int64(dice.below(90_000)))
                }
                // So that no change is empty, and each is somebody's.
                $0.tags.insert(token)
            }
        }
    }

    private mutating func create(_ token: String, _ transaction: Transaction) throws {
        var finding = Finding()
        finding.title = token
        finding.priority = Int64(round)
        finding.town = dice.pick(DeviceLife.towns)
        finding.description = "芦苇荡内一船。"
        let reference = try transaction.insert(finding)
        if dice.chance(30) { try add(to: reference, token, transaction) }
    }

    /// Two records in the same change: a change is whole or not there.
    private mutating func add(
        to finding: Reference<Finding>,
        _ token: String,
        _ transaction: Transaction
    ) throws {
        var evidence = Evidence()
        evidence.finding = finding
        evidence.sha256 = (0..<32).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
        evidence.caption = token
        try transaction.insert(evidence)
        var item = SeizedItem()
        item.finding = finding
        item.name = token
        try transaction.insert(item)
    }

    /// Findings that many devices have at the same time, so that they contradict each other.
    private func newest() throws -> [Reference<Finding>] {
        var query = RecordQuery(Finding.mapping.schema)
        query.limit = 12
        query.orderedBy = "priority"
        query.descending = true
        return try replica.read { try $0.records(query) }.map { Reference($0.id) }
    }
}
