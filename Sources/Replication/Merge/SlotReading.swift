/// What a policy makes of a slot's kept writes: the shown value and whether people must decide.
struct SlotReading {
    /// The shown value; nil for an absent set member and a slot without writes.
    let value: FieldValue?
    /// Whether a conflict is open.
    let isInConflict: Bool

    init(of slot: Slot, rule: SlotRule, timeZoneMinutes: Int, ancestor: String?) {
        if slot.siblings.count == 1, rule.policy.showsWhatIsWritten {
            value = slot.siblings[0].value
            isInConflict = false
            return
        }
        switch rule.policy {
        case .lastWriter, .hubOnly:
            value = SlotReading.latest(slot)?.value
            isInConflict = false
        case .keepSiblings, .growOnly:
            value = SlotReading.latest(slot)?.value
            isInConflict = slot.hasDistinctValues
        case .keepLeast:
            value = slot.extreme(rule)?.value
            isInConflict = slot.hasDistinctValues
        case .addWinsSet:
            // Any addition that no removal has seen wins.
            let isPresent = slot.siblings.contains { $0.value == .boolean(true) }
            value = isPresent ? .boolean(true) : nil
            isInConflict = false
        case .maximum, .minimum, .sticky:
            value = slot.extreme(rule)?.value
            isInConflict = false
        case .counter:
            value = SlotReading.sum(slot)
            isInConflict = false
        case .claim:
            // Who gave the role up does not hold it, however early that was.
            let claims = slot.siblings.filter { !$0.value.isNull }
            value = SlotReading.earliest(claims.isEmpty ? slot.siblings : claims)?.value
            isInConflict = slot.hasDistinctValues
        case .text(let overlap):
            let versions = slot.siblings.compactMap { TextVersion($0.stamp, $0.value) }
            if !slot.hasDistinctValues {
                value = slot.siblings.first?.value
                isInConflict = false
            } else if let ancestor, versions.count == slot.siblings.count,
                let merged = TextMerge.merge(ancestor: ancestor, versions.map(\.text))
            {
                let isCleared = merged.isEmpty && slot.siblings.contains { $0.value.isNull }
                value = isCleared ? .null : .text(merged)
                isInConflict = false
            } else if overlap == .concatenate {
                value = .text(TextVersion.concatenated(versions, timeZoneMinutes: timeZoneMinutes))
                isInConflict = false
            } else {
                value = SlotReading.latest(slot)?.value
                isInConflict = true
            }
        }
    }

    private static func latest(_ slot: Slot) -> Slot.Sibling? {
        slot.siblings.max { $1.stamp.follows($0.stamp) }
    }

    private static func earliest(_ siblings: [Slot.Sibling]) -> Slot.Sibling? {
        siblings.min { $1.stamp.follows($0.stamp) }
    }

    /// The sum of every replica's running total, held at the limits of 64 bits.
    private static func sum(_ slot: Slot) -> FieldValue? {
        var total: Int64 = 0
        var isScaled = false
        for sibling in slot.siblings {
            let part: Int64
            switch sibling.value {
            case .integer(let value): part = value
            case .scaled(let value):
                part = value
                isScaled = true
            default: continue
            }
            let (next, overflow) = total.addingReportingOverflow(part)
            total = overflow ? (part < 0 ? Int64.min : Int64.max) : next
        }
        guard !slot.siblings.isEmpty else { return nil }
        return isScaled ? .scaled(total) : .integer(total)
    }
}

extension MergePolicy {
    /// Whether a slot of one write shows the value that was written, and nothing made of it.
    fileprivate var showsWhatIsWritten: Bool {
        switch self {
        case .addWinsSet, .counter: false
        default: true
        }
    }
}
