import SyncCore

/// What the app records: a plain struct, and how each field merges.
struct Sighting: Record {
    var title = ""
    var method: String?
    var tags: Set<String> = []
    var nets = 0

    static let mapping = RecordMapping<Sighting>("sighting", number: 1, isLegalFact: true) {
        $0.field(1, "title", \.title, .lastWriter, query: .searchable)
        $0.field(2, "method", \.method, .keepSiblings)
        $0.set(3, "tags", \.tags)
        $0.field(4, "nets", \.nets, .maximum)
    }
}
