/// How many columns text takes on a terminal, and what of it may be shown there at all.
public enum TextWidth {
    /// The columns of a string.
    ///
    /// East Asian wide and full-width characters and emoji take 2; combining marks, controls and
    /// format characters 0; "ambiguous" characters such as … and “ take 1. O(n).
    public static func columns(of text: String) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// The columns of one character.
    public static func columns(of character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if first.isASCII, scalars.count == 1 { return isControl(first) ? 0 : 1 }
        if isEmoji(first, in: scalars) { return 2 }
        return scalars.reduce(0) { $0 + columns(of: $1) }
    }

    private static func isEmoji(
        _ first: Unicode.Scalar,
        in scalars: Character.UnicodeScalarView
    ) -> Bool {
        if first.properties.isEmojiPresentation { return true }
        // A text symbol followed by variation selector 16, such as ☎️ or 1️⃣.
        return first.properties.isEmoji && scalars.contains { $0.value == 0xFE0F }
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .lineSeparator, .paragraphSeparator:
            return 0
        case .format:
            return scalar.value == 0xAD ? 1 : 0
        default: break
        }
        switch scalar.value {
        // Hangul vowels and final consonants stand on the two columns of the first one.
        case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
        default: return WideCharacters.contains(scalar) ? 2 : 1
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    /// Whether a scalar does nothing to a terminal but show itself: no control, no line break, and
    /// none of the marks that turn the direction of the text that follows.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: false
        default: !isControl(scalar)
        }
    }

    /// The text with everything that would steer the terminal replaced: controls by their pictures
    /// (ESC by ␛), the rest by �.
    ///
    /// What was typed by another device cannot colour, move or hide.
    public static func harmless(_ text: String) -> String {
        if text.unicodeScalars.allSatisfy(isPrintable) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isPrintable(scalar) {
                result.append(scalar)
            } else if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) {
                result.append(picture)
            } else {
                result.append(scalar.value == 0x7F ? "\u{2421}" : "\u{FFFD}")
            }
        }
        return String(result)
    }

    /// The text cut to at most `columnsMax` columns, ending in … when something was cut.
    public static func truncated(_ text: String, to columnsMax: Int) -> String {
        guard columns(of: text) > columnsMax else { return text }
        guard columnsMax > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            let width = columns(of: character)
            if used + width > columnsMax - 1 { break }
            result.append(character)
            used += width
        }
        return result + "…"
    }

    /// The text filled with spaces to `columns`, on the right or on the left.
    public static func padded(
        _ text: String,
        to columnCount: Int,
        alignment: TextAlignment = .left
    ) -> String {
        let missing = columnCount - columns(of: text)
        guard missing > 0 else { return text }
        let spaces = String(repeating: " ", count: missing)
        return alignment == .left ? text + spaces : spaces + text
    }
}
