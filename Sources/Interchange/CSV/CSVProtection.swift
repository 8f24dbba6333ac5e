/// Marks on fields that a spreadsheet would otherwise run as a formula or ruin as a number.
///
/// A marked field has one character before its value:
///
/// - TAB before a *long code*: digits that a spreadsheet would cut or round, that is 12 or more
///   digits (town codes, identity numbers), two or more with a leading zero, or digits with one E
///   between them (read as an exponent). A cell that starts with TAB is text, and the TAB does not
///   show.
/// - `'` before a value that a spreadsheet would take for a formula: the first character after
///   spaces is `=`, `+`, `-`, `@` or the full-width form of one, and the value is no plain number;
///   and before a value that starts with `'`, TAB, CR or LF, so that marks can be told from values.
///
/// So it is reversible: the reader takes away one leading `'`, or one leading TAB, and what is left
/// is the value. No value is written bare with a leading `'` or TAB. The marks follow the advice of
/// OWASP, "CSV Injection", <https://owasp.org/www-community/attacks/CSV_Injection>.
enum CSVProtection {
    private static let codeDigitsMin = 12

    /// The field to write for a value.
    static func marked(_ value: String) -> String {
        if isLongCode(value) { return "\t" + value }
        return needsGuard(value) ? "'" + value : value
    }

    /// The value of a field that was read.
    static func value(of field: String) -> String {
        guard let first = field.utf8.first, first == Byte.apostrophe || first == Byte.tab else {
            return field
        }
        return String(field.unicodeScalars.dropFirst())
    }

    static func isLongCode(_ value: String) -> Bool {
        var digits = 0
        var exponents = 0
        for byte in value.utf8 {
            if byte.isDigit {
                digits += 1
            } else if byte == Byte.upperE || byte == Byte.lowerE {
                exponents += 1
                if digits == 0 { return false }
            } else {
                return false
            }
        }
        guard let first = value.utf8.first, let last = value.utf8.last, last.isDigit else {
            return false
        }
        if exponents > 0 { return exponents == 1 }
        return digits >= codeDigitsMin || digits > 1 && first == Byte.zero
    }

    static func needsGuard(_ value: String) -> Bool {
        guard let first = value.unicodeScalars.first else { return false }
        switch first {
        case "'", "\t", "\r", "\n": return true
        default: break
        }
        switch value.unicodeScalars.first(where: { $0 != " " }) {
        case "=", "@", "＝", "＋", "－", "＠": return true
        case "+", "-": return !isPlainNumber(value)
        default: return false
        }
    }

    /// Whether the value is a sign, digits and at most one point: a number and no formula.
    private static func isPlainNumber(_ value: String) -> Bool {
        let bytes = value.utf8.dropFirst()
        guard let first = bytes.first, first.isDigit else { return false }
        let digits = bytes.reduce(0) { $0 + ($1.isDigit ? 1 : 0) }
        let points = bytes.reduce(0) { $0 + ($1 == Byte.point ? 1 : 0) }
        return digits + points == bytes.count && points <= 1 && digits < codeDigitsMin
    }
}
