/// Cuts text into the words that full-text search finds.
///
/// Chinese has no spaces, and SQLite's trigram tokenizer needs three characters where a Chinese word
/// often has two. So a run of Han (or kana, Hangul) becomes its overlapping pairs and its last
/// character alone; other runs of letters and digits are words. The pairs are written to the index
/// as plain words, so any SQLite reads it without our code.
package enum SearchText {
    /// The words of a text, in order.
    package static func words(of text: String) -> [String] {
        var words: [String] = []
        var pair: Character?
        var word = ""
        func endWord() {
            if !word.isEmpty { words.append(word.lowercased()) }
            word = ""
        }
        func endRun() {
            if let last = pair { words.append(String(last)) }
            pair = nil
        }
        for character in text {
            if isIdeograph(character) {
                endWord()
                if let first = pair { words.append("\(first)\(character)") }
                pair = character
            } else if character.isLetter || character.isNumber {
                endRun()
                word.append(character)
            } else {
                endRun()
                endWord()
            }
        }
        endRun()
        endWord()
        return words
    }

    private static func isIdeograph(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first?.value else { return false }
        switch scalar {
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3040...0x30FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            return true
        default: return false
        }
    }

    /// The text as it stands in the index.
    package static func indexed(_ text: String) -> String {
        words(of: text).joined(separator: " ")
    }

    /// The FTS5 expression that finds `query`: all its runs, each as a phrase; nil when there is
    /// nothing to look for.
    package static func expression(for query: String) -> String? {
        let phrases = query.split(whereSeparator: \.isWhitespace)
            .compactMap { part -> String? in
                var words = words(of: String(part))
                guard let last = words.last else { return nil }
                // The single last character of a run is in the index only where the run ends; inside
                // longer text the pairs before it are enough.
                if words.count > 1, last.count == 1, last.allSatisfy(isIdeograph),
                    let before = words.dropLast().last,
                    before.hasSuffix(last), before.count == 2
                {
                    words.removeLast()
                    return "\"\(words.joined(separator: " "))\""
                }
                // One character, or the beginning of a word: everything that starts with it.
                return "\"\(words.joined(separator: " "))\" *"
            }
        return phrases.isEmpty ? nil : phrases.joined(separator: " AND ")
    }
}
