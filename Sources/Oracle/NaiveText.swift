/// Three-way merge of texts in which no scalar stands twice: there the difference is unique, and
/// looking each scalar up in the base finds it without any search.
package enum NaiveText {
    package enum Outcome: Hashable {
        case merged(String)
        case overlap
        /// A scalar stands twice or moved: this oracle does not know.
        case undecidable
    }

    private struct Edit: Hashable {
        let place: Range<Int>
        let text: [Unicode.Scalar]

        func touches(_ other: Edit) -> Bool {
            let (mine, theirs) = (place, other.place)
            return mine.isEmpty || theirs.isEmpty
                ? mine.lowerBound <= theirs.upperBound && theirs.lowerBound <= mine.upperBound
                : mine.overlaps(theirs)
        }
    }

    package static func merge(base: String, _ texts: Set<String>) -> Outcome {
        var result = Array(base.unicodeScalars)
        var all: Set<Edit> = []
        for text in texts {
            guard let edits = edits(result, Array(text.unicodeScalars)) else { return .undecidable }
            all.formUnion(edits)
        }
        let meet = all.contains { edit in all.contains { $0 != edit && edit.touches($0) } }
        if meet { return .overlap }
        for edit in all.sorted(by: { $1.place.lowerBound < $0.place.lowerBound }) {
            result.replaceSubrange(edit.place, with: edit.text)
        }
        return .merged(String(String.UnicodeScalarView(result)))
    }

    private static func edits(_ base: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Set<Edit>? {
        guard Set(base).count == base.count, Set(text).count == text.count else { return nil }
        let places = text.compactMap { base.firstIndex(of: $0) }
        guard places == places.sorted() else { return nil }
        let ends = text.indices.filter { base.contains(text[$0]) } + [text.count]
        var result: Set<Edit> = []
        var (from, start) = (0, 0)
        for (place, end) in zip(places + [base.count], ends) {
            let edit = Edit(place: from..<place, text: Array(text[start..<end]))
            if !edit.place.isEmpty || !edit.text.isEmpty { result.insert(edit) }
            (from, start) = (place + 1, end + 1)
        }
        return result
    }
}
