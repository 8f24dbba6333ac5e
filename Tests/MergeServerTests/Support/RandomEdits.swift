import Replication
import SyncCore

/// Random changes of one to three records, over every policy.
enum RandomEdits {
    static func one(_ transaction: Transaction, _ dice: inout Dice, _ name: String) throws {
        for _ in 0..<dice.pick([1, 1, 1, 2, 3]) {
            switch dice.below(10) {
            case 0: try create(transaction, &dice, name)
            case 1, 2: try errand(transaction, &dice, name)
            default: try sighting(transaction, &dice, name)
            }
        }
    }

    /// A new record, sometimes with one that belongs to it.
    private static func create(
        _ transaction: Transaction,
        _ dice: inout Dice,
        _ name: String
    ) throws {
        var record = Sighting()
        record.title = "\(name) 记"
        record.story = "电鱼船一艘，东岸"
        record.town = "3305021\(dice.below(3))"
        let sighting = try transaction.insert(record)
        guard dice.chance(50) else { return }
        var weighing = Weighing()
        weighing.sighting = sighting
        weighing.grams = dice.below(20_000)
        try transaction.insert(weighing)
    }

    private static func errand(
        _ transaction: Transaction,
        _ dice: inout Dice,
        _ name: String
    ) throws {
        let key = RecordKey(type: 3, id: .named("errand \(dice.below(2))"))
        guard let view = try transaction.view(key) else {
            try transaction.edit(key, [.create, .set(1, .text(name))])
            return
        }
        switch dice.below(6) {
        case 0: try transaction.edit(key, [.delete(reason: "重复")])
        case 1 where !view.lifecycle.isVisible:
            try transaction.edit(key, [.undelete(reason: "")])
        case 2 where !view.lifecycle.isVisible:
            try transaction.edit(key, [.create, .set(1, .text("again"))])
        default: try transaction.edit(key, [.set(1, .text("\(name) \(dice.below(9))"))])
        }
    }

    private static func sighting(
        _ transaction: Transaction,
        _ dice: inout Dice,
        _ name: String
    ) throws {
        let key = RecordKey(type: 1, id: .named("sighting \(dice.below(3))"))
        guard let view = try transaction.view(key) else {
            try transaction.edit(key, [.create, .set(1, .text("\(name) 初"))])
            return
        }
        try transaction.edit(key, edits(view, &dice, name))
    }

    private static func edits(
        _ view: RecordView,
        _ dice: inout Dice,
        _ name: String
    ) -> [Edit] {
        let word = dice.pick(["电鱼", "地笼", "丝网", "钓"])
        switch dice.below(18) {
        case 0: return [.set(1, .text("\(name) \(word)"))]
        case 1: return [.set(2, .integer(Int64(dice.below(5))))]
        case 2, 3: return [.set(3, dice.chance(10) ? .null : .text(word))]
        case 4: return [.set(4, .scaled(Int64(dice.below(900)))), .set(5, .scaled(7))]
        case 5: return [.set(5, .scaled(Int64(dice.below(1_800))))]
        case 6: return [.set(6, .text("3305021\(dice.below(4))"))]
        case 7: return [.add(7, .text(word))]
        case 8: return [.remove(7, .text(word))]
        case 9:
            let id = dice.pick(["a", "b", name])
            // An entry that is there stands; of a sealed record it may stand beside it.
            let isTaken = view.members(of: 8).contains { $0.slot.element == .text(id) }
            if isTaken || !view.seals.isEmpty { return [.add(7, .text(word))] }
            return [.append(8, id: id, .text(word))]
        case 10: return [.set(9, .integer(Int64(dice.below(6)) - 1))]
        case 11: return [.set(10, .boolean(dice.chance(30)))]
        case 12: return [.increment(11, by: Int64(dice.below(7)) - 2)]
        case 13: return [.set(12, text(view[SlotKey(12)], &dice))]
        case 14, 15: return [.set(13, text(view[SlotKey(13)], &dice))]
        case 16: return [.set(14, .text(name))]
        default:
            switch dice.below(4) {
            case 0: return [.void(reason: "重录")]
            case 1: return [.undelete(reason: "误作废")]
            case 2 where dice.chance(30): return [.seal(reason: "签字")]
            default: return [.set(1, .text(word)), .add(7, .text(name)), .increment(11, by: 1)]
            }
        }
    }

    /// An edit of a text at a random place.
    private static func text(_ value: FieldValue, _ dice: inout Dice) -> FieldValue {
        guard case .text(let old) = value, !old.isEmpty, old.unicodeScalars.count < 80 else {
            return .text("凌晨两点在东苕溪芦苇荡发现一艘无名船")
        }
        var scalars = Array(old.unicodeScalars)
        let place = dice.below(scalars.count)
        if dice.chance(30) {
            scalars.remove(at: place)
        } else {
            scalars.insert(dice.pick(["甲", "乙", "丙", "丁"]), at: place)
        }
        return .text(String(String.UnicodeScalarView(scalars)))
    }
}
