public import Replication

/// One published state of the catalogue, which findings pin (M5).
public struct CatalogueRelease: Record, Hashable {
    /// The digest of the files, given by the publisher.
    public var hash = ""
    /// The name of the release.
    public var name = ""
    /// When it was published.
    public var publishedAt: WallTime?
    /// How many rows it has.
    public var rowCount: Int64 = 0

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<CatalogueRelease>("catalogueRelease", number: 8) {
        $0.field(1, "hash", \.hash, .hubOnly, query: .indexed)
        $0.field(2, "name", \.name, .hubOnly, query: .column)
        $0.field(3, "publishedAt", \.publishedAt, .hubOnly, query: .column)
        $0.field(4, "rowCount", \.rowCount, .hubOnly)
    }
}
