import Replication
import SyncCore

/// Random changes of a world with scopes.
///
/// Everybody makes records, inside and outside of their scopes, some under a name that others may have
/// taken where they do not see it, and writes to and moves what they hold; the office, which holds
/// everything, moves many at once.
enum ScopedEdits {
    static let towns = ["330502101", "330502102", "330502103", "330502104"]

    static func subscription(_ dice: inout Dice) -> [String] {
        let scopes = towns.filter { _ in dice.chance(40) }.map { "town=\($0)" }
        return scopes.isEmpty ? ["town=\(dice.pick(towns))"] : scopes
    }

    static func one(
        _ transaction: Transaction,
        holding keys: [RecordKey],
        scopes: [String],
        _ dice: inout Dice,
        count: (String) -> Void
    ) throws {
        let sightings = keys.filter { $0.type == 1 }
        let weighings = keys.filter { $0.type == 2 }
        if !sightings.isEmpty, dice.chance(scopes.isEmpty ? 50 : 15) {
            // Several move in one change.
            for key in sightings where dice.chance(40) {
                count("town move")
                try transaction.edit(key, [.set(6, town(&dice))])
            }
            for key in weighings where dice.chance(20) {
                count("parent move")
                let parent: FieldValue =
                    dice.chance(20) ? .null : .reference(dice.pick(sightings))
                try transaction.edit(key, [.set(1, parent), .set(2, .integer(7))])
            }
            return
        }
        for _ in 0..<dice.pick([1, 2, 3]) {
            switch dice.below(5) {
            case 4:
                let key = RecordKey(type: 1, id: .named("sighting \(dice.below(4))"))
                let method = FieldValue.text(dice.pick(["电鱼", "地笼", "丝网"]))
                if try transaction.view(key).map({ $0.lifecycle != .unknown }) ?? false {
                    try transaction.edit(key, [.set(3, method)])
                } else {
                    count("begun by name")
                    try transaction.edit(key, [.create, .set(3, method), .set(6, town(&dice))])
                }
            case 0 where scopes.isEmpty || dice.chance(40):
                let key = transaction.newRecord(type: 1)
                let town = dice.pick(towns)
                if !scopes.isEmpty, !scopes.contains("town=\(town)") { count("made outside") }
                try transaction.edit(key, [.create, .set(6, .text(town))])
                guard dice.chance(60) else { continue }
                let child = transaction.newRecord(type: 2)
                try transaction.edit(child, [.create, .set(1, .reference(key))])
            case 1 where !weighings.isEmpty:
                let grams = FieldValue.integer(Int64(dice.below(9)))
                try transaction.edit(dice.pick(weighings), [.set(2, grams)])
            default:
                guard !sightings.isEmpty else { continue }
                let method = dice.pick(["电鱼", "地笼", "丝网"])
                try transaction.edit(dice.pick(sightings), [.set(3, .text(method))])
            }
        }
    }

    private static func town(_ dice: inout Dice) -> FieldValue {
        dice.chance(10) ? .null : .text(dice.pick(towns))
    }
}
