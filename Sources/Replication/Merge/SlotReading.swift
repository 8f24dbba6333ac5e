/// What a policy makes of a slot's kept writes: the shown value and whether people must decide.
struct SlotReading {
    /// The shown value; nil for an absent set member and a slot without writes.
    let value: FieldValue?
    /// Whether a conflict is open.
    let isInConflict: Bool

    init(of slot: Slot, policy: MergePolicy, timeZoneMinutes: Int, ancestor: String?) {
        switch policy {
        case .lastWriter, .hubOnly:
            value = SlotReading.latest(slot)?.value
            isInConflict = false
        case .keepSiblings, .growOnly:
            value = SlotReading.latest(slot)?.value
            isInConflict = slot.hasDistinctValues
        case .addWinsSet:
            // Any addition that no removal has seen wins.
            let isPresent = slot.siblings.contains { $0.value == .boolean(true) }
            value = isPresent ? .boolean(true) : nil
            isInConflict = false
        case .maximum, .minimum, .sticky:
            value = slot.extreme(policy)?.value
            isInConflict = false
        case .counter:
            value = SlotReading.sum(slot)
            isInConflict = false
        case .claim:
            value = SlotReading.earliest(slot)?.value
            isInConflict = slot.hasDistinctValues
        case .text(let overlap):
            let merged = SlotReading.merged(slot, ancestor: ancestor)
            if let merged {
                value = merged
                isInConflict = false
            } else if overlap == .concatenate {
                value = SlotReading.concatenated(slot, timeZoneMinutes: timeZoneMinutes)
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

    private static func earliest(_ slot: Slot) -> Slot.Sibling? {
        slot.siblings.min { $1.stamp.follows($0.stamp) }
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

    private static func merged(_ slot: Slot, ancestor: String?) -> FieldValue? {
        guard slot.hasDistinctValues else { return slot.siblings.first?.value ?? .null }
        guard let ancestor else { return nil }
        var result: String?
        for sibling in slot.siblings {
            guard case .text(let text) = sibling.value else { return nil }
            guard let soFar = result else {
                result = text
                continue
            }
            guard let merged = TextMerge.merge(ancestor: ancestor, soFar, text) else { return nil }
            result = merged
        }
        return result.map { .text($0) }
    }

    private static func concatenated(_ slot: Slot, timeZoneMinutes: Int) -> FieldValue {
        let parts = slot.siblings.sorted { $1.stamp.follows($0.stamp) }
            .compactMap { sibling -> String? in
                guard case .text(let text) = sibling.value else { return nil }
                let time = CivilMinute(
                    milliseconds: sibling.stamp.timestamp.wallTime,
                    zoneMinutes: timeZoneMinutes
                )
                return "〔\(sibling.stamp.author) \(time)〕\(text)"
            }
        return .text(parts.joined(separator: "\n"))
    }
}

/// A minute of the civil calendar, for the attributions that merges write into texts.
struct CivilMinute: CustomStringConvertible {
    let description: String

    /// Days to civil date by Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, 2013.
    init(milliseconds: Int64, zoneMinutes: Int) {
        let minutes = Int64(zoneMinutes) + CivilMinute.floorDivide(milliseconds, 60_000)
        let days = CivilMinute.floorDivide(minutes, 1_440) + 719_468
        let minuteOfDay = minutes - (days - 719_468) * 1_440
        let era = CivilMinute.floorDivide(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func pad(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        description =
            "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2)) "
            + "\(pad(minuteOfDay / 60, 2)):\(pad(minuteOfDay % 60, 2))"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-1 - value) / divisor) - 1
    }
}
