/// Three-way merge of texts in which no scalar stands twice: there the difference is unique, and
/// looking each scalar up in the base finds it without any search.
enum NaiveText {
    enum Outcome: Hashable {
        case merged(String)
        case overlap
        /// A scalar stands twice or moved: this oracle does not know.
        case undecidable
    }

    struct Edit: Hashable {
        let from: Int
        let to: Int
        let text: [Unicode.Scalar]

        func touches(_ other: Edit) -> Bool {
            from == to || other.from == other.to
                ? from <= other.to && other.from <= to
                : from < other.to && other.from < to
        }
    }

    static func merge(base: String, _ left: String, _ right: String) -> Outcome {
        let base = Array(base.unicodeScalars)
        guard let ours = edits(base, Array(left.unicodeScalars)),
            let theirs = edits(base, Array(right.unicodeScalars))
        else { return .undecidable }
        for edit in ours.subtracting(theirs) {
            for other in theirs.subtracting(ours) where edit.touches(other) { return .overlap }
        }
        var result = base
        for edit in ours.union(theirs).sorted(by: { ($1.from, $1.to) < ($0.from, $0.to) }) {
            result.replaceSubrange(edit.from..<edit.to, with: edit.text)
        }
        return .merged(String(String.UnicodeScalarView(result)))
    }

    private static func edits(_ base: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Set<Edit>? {
        guard Set(base).count == base.count, Set(text).count == text.count else { return nil }
        let places = Dictionary(uniqueKeysWithValues: zip(base, base.indices))
        var result: Set<Edit> = []
        var inserted: [Unicode.Scalar] = []
        var next = 0
        for scalar in text {
            guard let place = places[scalar] else {
                inserted.append(scalar)
                continue
            }
            guard place >= next else { return nil }
            if place > next || !inserted.isEmpty {
                result.insert(Edit(from: next, to: place, text: inserted))
            }
            inserted = []
            next = place + 1
        }
        if next < base.count || !inserted.isEmpty {
            result.insert(Edit(from: next, to: base.count, text: inserted))
        }
        return result
    }
}
