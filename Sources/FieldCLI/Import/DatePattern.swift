import Interchange

/// A way to write dates: `yyyy-MM-dd HH:mm:ss`, `M/d/yyyy`, `yyyy年M月d日`, `unix`.
///
/// A letter alone stands for one or two digits, repeated letters for so many; everything else stands
/// for itself.
struct DatePattern: Equatable {
    private enum Part: Equatable {
        case number(Character, digits: Int)
        case literal(Character)
    }

    private var parts: [Part] = []
    private let epochScale: Int64?

    init?(_ pattern: String) {
        switch pattern {
        case "unix": epochScale = 1_000
        case "unix-milliseconds": epochScale = 1
        default: epochScale = nil
        }
        guard epochScale == nil else { return }
        for character in pattern {
            guard "yMdHmsS".contains(character) else {
                parts.append(.literal(character))
                continue
            }
            if case .number(character, let digits)? = parts.last {
                parts[parts.count - 1] = .number(character, digits: digits + 1)
            } else {
                parts.append(.number(character, digits: 1))
            }
        }
        let letters = parts.compactMap { part -> Character? in
            if case .number(let letter, _) = part { letter } else { nil }
        }
        guard Set(letters).count == letters.count, Set("yMd").isSubset(of: Set(letters)) else {
            return nil
        }
    }

    /// Reads a text in milliseconds since 1970; nil when it does not follow the pattern.
    func milliseconds(_ text: String, zoneMinutes: Int) -> Int64? {
        if let epochScale {
            guard let value = Int64(text) else { return nil }
            let (result, overflows) = value.multipliedReportingOverflow(by: epochScale)
            return overflows || (try? CivilTime(milliseconds: result)) == nil ? nil : result
        }
        var rest = text[...]
        var values: [Character: Int] = [:]
        for part in parts {
            switch part {
            case .literal(let character):
                guard rest.first == character else { return nil }
                rest = rest.dropFirst()
            case .number(let letter, let digits):
                let most = digits == 1 ? 2 : digits
                let number = rest.prefix(most).prefix { $0.isASCII && $0.isNumber }
                guard number.count >= digits, let value = Int(number) else { return nil }
                values[letter] = value
                rest = rest.dropFirst(number.count)
            }
        }
        guard rest.isEmpty,
            let date = try? CivilDate(
                year: values["y"] ?? 0,
                month: values["M"] ?? 0,
                day: values["d"] ?? 0
            ),
            let time = try? CivilTime(
                date: date,
                hour: values["H"] ?? 0,
                minute: values["m"] ?? 0,
                second: values["s"] ?? 0,
                millisecond: values["S"] ?? 0
            )
        else { return nil }
        return time.milliseconds - Int64(zoneMinutes) * 60_000
    }

    /// Reads an offset from UTC: `+08:00`, `-06:00`, `Z`.
    static func zoneMinutes(_ text: String) -> Int? {
        guard let time = try? TimeText.parse("2000-01-01T00:00:00" + text) else { return nil }
        return time.offsetMinutes
    }
}
