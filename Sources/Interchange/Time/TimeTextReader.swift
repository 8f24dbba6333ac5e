/// Reads the parts of a date or time text from left to right.
struct TimeTextReader {
    private let text: String
    private let bytes: [UInt8]
    private var index = 0

    /// No text that is a time is longer than this, fraction and offset included.
    private static let bytesMax = 64

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8.prefix(TimeTextReader.bytesMax + 1))
    }

    mutating func timeText() throws(InterchangeError) -> TimeText {
        let date = try date()
        if index == bytes.count {
            let civil = try CivilTime(date: date)
            return TimeText(civil: civil, offsetMinutes: nil, precision: .day, isExact: true)
        }
        guard take(UInt8(ascii: "T")) || take(UInt8(ascii: "t")) || take(Byte.space) else {
            throw malformed
        }
        let hour = try number(digits: 2)
        try expect(Byte.colon)
        let minute = try number(digits: 2)
        var second = 0
        var fraction = Fraction()
        var precision = CivilTime.Precision.minute
        if take(Byte.colon) {
            second = try number(digits: 2)
            precision = .second
            if take(Byte.point) || take(Byte.comma) {
                fraction = try self.fraction()
                precision = .millisecond
            }
        }
        let offset = try offset()
        try end()
        let isLeap = second == 60 && minute == 59
        var civil = try CivilTime(
            date: date,
            hour: hour,
            minute: minute,
            second: isLeap ? 59 : second,
            millisecond: fraction.milliseconds
        )
        if isLeap { civil = try CivilTime(milliseconds: civil.milliseconds + 1000) }
        return TimeText(
            civil: civil,
            offsetMinutes: offset,
            precision: precision,
            isExact: fraction.isExact
        )
    }

    mutating func date() throws(InterchangeError) -> CivilDate {
        let year = try number(digits: 4)
        try expect(Byte.minus)
        let month = try number(digits: 2)
        try expect(Byte.minus)
        return try CivilDate(year: year, month: month, day: try number(digits: 2))
    }

    func end() throws(InterchangeError) {
        guard index == bytes.count else { throw malformed }
    }

    private struct Fraction {
        var milliseconds = 0
        var isExact = true
    }

    private mutating func fraction() throws(InterchangeError) -> Fraction {
        var result = Fraction()
        var weight = 100
        let start = index
        while index < bytes.count, bytes[index].isDigit {
            let digit = Int(bytes[index].digitValue)
            if weight == 0, digit != 0 { result.isExact = false }
            result.milliseconds += digit * weight
            weight /= 10
            index += 1
        }
        guard index > start else { throw malformed }
        return result
    }

    private mutating func offset() throws(InterchangeError) -> Int? {
        if index == bytes.count { return nil }
        if take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z")) { return 0 }
        let isNegative = take(Byte.minus)
        guard isNegative || take(Byte.plus) else { throw malformed }
        let hours = try number(digits: 2)
        var minutes = 0
        if take(Byte.colon) || index < bytes.count { minutes = try number(digits: 2) }
        guard hours < 24, minutes < 60 else {
            throw InterchangeError(
                .outOfRange,
                "the offset in \"\(text.excerpt)\" is not possible",
                expected: "-23:59 to +23:59"
            )
        }
        let total = hours * 60 + minutes
        return isNegative ? -total : total
    }

    private mutating func number(digits: Int) throws(InterchangeError) -> Int {
        guard bytes.count - index >= digits else { throw malformed }
        var value = 0
        for _ in 0..<digits {
            guard bytes[index].isDigit else { throw malformed }
            value = value * 10 + Int(bytes[index].digitValue)
            index += 1
        }
        return value
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(InterchangeError) {
        guard take(byte) else { throw malformed }
    }

    private var malformed: InterchangeError {
        InterchangeError(
            .malformed,
            "\"\(text.excerpt)\" is not a date or time",
            expected: "2024-01-01, 2024-01-01 05:50[:21], or 2024-01-01T05:50:21.571+08:00"
        )
    }
}
