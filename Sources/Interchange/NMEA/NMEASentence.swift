/// One line of NMEA 0183, cut into its fields.
///
/// `$TTSSS,field,…*HH`: T the talker, S the sentence, HH the exclusive or of everything between `$`
/// and `*`. A tag block (`\…\`, NMEA 4.0) may stand before it.
struct NMEASentence {
    enum Content {
        case sentence(NMEASentence)
        case shipMessage
        case fault(InterchangeError.Code, message: String, expected: String)
    }

    /// The three letters behind the talker, or the whole name of a proprietary sentence.
    let type: String
    private let fields: [ArraySlice<UInt8>]

    static func read(_ line: ArraySlice<UInt8>) -> Content {
        let line = withoutTagBlock(line)
        guard let first = line.first, first == Byte.dollar || first == Byte.exclamation else {
            return .fault(
                .malformed,
                message: "the line is no sentence",
                expected: "$ or ! at the start"
            )
        }
        guard line.allSatisfy({ $0 >= Byte.space && $0 < 0x7F }) else {
            return .fault(
                .forbiddenCharacter,
                message: "the sentence holds a byte that is no printable ASCII",
                expected: "printable ASCII"
            )
        }
        guard let star = line.lastIndex(of: Byte.asterisk) else {
            return .fault(
                .missing,
                message: "the sentence has no checksum",
                expected: "* and two hexadecimal digits at the end"
            )
        }
        let body = line[(line.startIndex + 1)..<star]
        let sum = body.reduce(0, ^)
        guard checksum(line[(star + 1)...]) == sum else {
            return .fault(
                .mismatch,
                message: "the checksum is wrong",
                expected: "*" + Byte.hexadecimal(sum)
            )
        }
        if first == Byte.exclamation { return .shipMessage }
        let fields = body.split(separator: Byte.comma, omittingEmptySubsequences: false)
        let name = fields.first ?? []
        let isProprietary = name.first == UInt8(ascii: "P")
        let type = isProprietary || name.count != 5 ? name : name.dropFirst(2)
        return .sentence(
            NMEASentence(type: String(decoding: type, as: UTF8.self), fields: fields)
        )
    }

    private static func withoutTagBlock(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard line.first == Byte.backslash,
            let end = line.dropFirst().firstIndex(of: Byte.backslash)
        else { return line }
        return line[(end + 1)...]
    }

    private static func checksum(_ digits: ArraySlice<UInt8>) -> UInt8? {
        let digits = digits.reversed().drop { $0 == Byte.space }.reversed()
        guard digits.count == 2, let high = digits.first.flatMap(Byte.hexadecimalValue),
            let low = digits.last.flatMap(Byte.hexadecimalValue)
        else { return nil }
        return high << 4 | low
    }
}

extension NMEASentence {
    /// The field with this number, the name being 0; nil when it is empty or not there.
    func field(_ number: Int) -> ArraySlice<UInt8>? {
        guard number < fields.count, !fields[number].isEmpty else { return nil }
        return fields[number]
    }

    /// A number with a fixed number of decimals, nil when the field is empty.
    func decimal(
        _ number: Int,
        scale: Int,
        name: String
    ) throws(InterchangeError) -> Int64? {
        guard let field = field(number) else { return nil }
        do {
            return try ScaledDecimal.parse(field, scale: scale).units
        } catch {
            throw error.at(field: name)
        }
    }

    /// A number of digits only, nil when the field is empty.
    func digits(_ number: Int, name: String) throws(InterchangeError) -> Int? {
        guard let field = field(number) else { return nil }
        guard field.count <= 9, field.allSatisfy({ $0.isDigit }) else {
            throw NMEASentence.malformed(field, name, "digits only")
        }
        return field.reduce(0) { $0 * 10 + Int($1.digitValue) }
    }

    /// `hhmmss[.sss]` as milliseconds of the day, nil when the field is empty.
    func timeOfDay(_ number: Int) throws(InterchangeError) -> Int64? {
        guard let field = field(number) else { return nil }
        let whole = field.prefix(6)
        guard whole.count == 6, let hour = NMEASentence.twoDigits(whole, 0),
            let minute = NMEASentence.twoDigits(whole, 2),
            let second = NMEASentence.twoDigits(whole, 4),
            hour < 24, minute < 60, second <= 60
        else { throw NMEASentence.malformed(field, "time", "hhmmss.sss in UTC") }
        var milliseconds: Int64 = 0
        if field.count > 6 {
            let fraction = field.dropFirst(7).prefix(3)
            guard field[field.startIndex + 6] == Byte.point,
                field.dropFirst(7).allSatisfy({ $0.isDigit })
            else { throw NMEASentence.malformed(field, "time", "hhmmss.sss in UTC") }
            for place in 0..<3 {
                let digit = fraction.dropFirst(place).first?.digitValue ?? 0
                milliseconds = milliseconds * 10 + Int64(digit)
            }
        }
        return Int64((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
    }

    /// The coordinate of four fields from `number` on: `ddmm.mmmm,N,dddmm.mmmm,E`.
    func coordinate(_ number: Int) throws(InterchangeError) -> Coordinate? {
        guard let latitude = field(number), let longitude = field(number + 2) else { return nil }
        let north = try angle(latitude, hemisphere: field(number + 1), "N", "S", name: "latitude")
        let east = try angle(longitude, hemisphere: field(number + 3), "E", "W", name: "longitude")
        return try Coordinate(latitude: north, longitude: east)
    }

    private func angle(
        _ field: ArraySlice<UInt8>,
        hemisphere: ArraySlice<UInt8>?,
        _ positive: Unicode.Scalar,
        _ negative: Unicode.Scalar,
        name: String
    ) throws(InterchangeError) -> Int64 {
        let expected = "degrees and minutes as 5310.81307, and \(positive) or \(negative)"
        let point = field.firstIndex(of: Byte.point) ?? field.endIndex
        let digits = point - field.startIndex
        // Two digits of minutes, and before them up to three of degrees.
        guard (2...5).contains(digits), field[..<point].allSatisfy({ $0.isDigit }),
            field[point...].dropFirst().allSatisfy({ $0.isDigit }),
            let letter = hemisphere?.first, hemisphere?.count == 1,
            letter == UInt8(ascii: positive) || letter == UInt8(ascii: negative)
        else { throw NMEASentence.malformed(field, name, expected) }
        let degrees = field[..<(point - 2)].reduce(Int64(0)) { $0 * 10 + Int64($1.digitValue) }
        // Minutes in units of 10⁻⁹; 60 · 10⁹ of them are 10⁷ units of a degree: 6,000 to one.
        let minutes = try ScaledDecimal.parse(field[(point - 2)...], scale: 9).units
        guard minutes < 60_000_000_000 else { throw NMEASentence.malformed(field, name, expected) }
        let (quotient, remainder) = minutes.quotientAndRemainder(dividingBy: 6000)
        let roundsUp = remainder > 3000 || remainder == 3000 && quotient % 2 == 1
        let units = degrees * 10_000_000 + quotient + (roundsUp ? 1 : 0)
        return letter == UInt8(ascii: negative) ? -units : units
    }

    /// Two ASCII digits at an offset.
    static func twoDigits(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int? {
        let pair = bytes.dropFirst(offset).prefix(2)
        guard pair.count == 2, pair.allSatisfy({ $0.isDigit }) else { return nil }
        return pair.reduce(0) { $0 * 10 + Int($1.digitValue) }
    }

    static func malformed(
        _ field: ArraySlice<UInt8>,
        _ name: String,
        _ expected: String
    ) -> InterchangeError {
        let text = String(decoding: field.prefix(64), as: UTF8.self).excerpt
        return InterchangeError(
            .malformed,
            "\"\(text)\" is no \(name)",
            expected: expected,
            field: name
        )
    }
}
