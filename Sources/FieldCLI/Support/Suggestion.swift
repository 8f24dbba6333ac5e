/// Known keys and words that a text probably meant.
enum Suggestion {
    /// The known texts, most alike first: those that hold it, then by how few characters differ, then
    /// those that begin alike.
    ///
    /// A known text may be a key and a name with a space between them.
    static func nearest(_ text: String, in known: [String], count: Int = 6) -> [String] {
        var seen: Set<String> = []
        let distinct = known.filter { seen.insert($0).inserted }
        let ranked = distinct.enumerated()
            .map { index, word in
                (word, unlikeness(text, word), word.first == text.first ? 0 : 1, index)
            }
        return ranked.sorted { ($0.1, $0.2, $0.3) < ($1.1, $1.2, $1.3) }.prefix(count).map(\.0)
    }

    /// The nearest known texts as one text; where some are left out, the command that lists all.
    static func text(_ text: String, in known: [String], all command: String) -> String {
        let some = nearest(text, in: known)
        let list = some.joined(separator: ", ")
        guard Set(known).count > some.count else { return list }
        return list + words(" …; `\(command)` lists all", " …；`\(command)` 列出全部")
    }

    /// Nothing where one holds the other; where more than half of the text differs all are alike.
    private static func unlikeness(_ text: String, _ known: String) -> Int {
        if !text.isEmpty, known.contains(text) { return 0 }
        let nearest = known.split(separator: " ")
            .map { distance(Array(text), Array($0)) }.min()
        return min(nearest ?? Int.max, max(1, text.count / 2) + 1)
    }

    /// How many characters are to be put in, taken out or changed (Levenshtein).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        guard !one.isEmpty, !other.isEmpty else { return max(one.count, other.count) }
        // What people type is short; a longer text is no misspelling.
        guard one.count <= 64, other.count <= 64 else { return 64 }
        var row = Array(0...other.count)
        for (line, character) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in 1...other.count {
                let changed = diagonal + (other[column - 1] == character ? 0 : 1)
                diagonal = row[column]
                row[column] = min(changed, row[column] + 1, row[column - 1] + 1)
            }
        }
        return row[other.count]
    }
}
