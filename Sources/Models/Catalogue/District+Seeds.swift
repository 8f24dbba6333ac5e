public import Replication

extension District {
    /// The most operations of one seed change.
    public static let seedOperationsMax = 200

    /// The changes that bring a catalogue into a store: the same bytes on every device.
    ///
    /// Rows are named records, created in a fixed order. Each row is written whole, empty fields as
    /// null, so that a later release, which comes from another bundle with a later time, leaves
    /// nothing of an earlier one standing. A row is never dropped from a release: it ends on a day.
    ///
    /// - Parameters:
    ///   - catalogue: the rows.
    ///   - replica: the bundle's replica, one for each release; its counters start at 1.
    ///   - releasedAt: the time of the release, by which a later release wins.
    ///   - author: who the changes are by.
    /// - Returns: the changes, in the order of their counters.
    /// - Throws: `EditError` for a text that no field takes.
    public static func seedChanges(
        of catalogue: Catalogue,
        replica: ReplicaID,
        releasedAt: WallTime,
        author: String = "catalogue"
    ) throws(EditError) -> [Change] {
        var rows = try operations([catalogue.release], replica)
        rows += try operations(catalogue.organs, replica)
        rows += try operations(catalogue.towns, replica)
        rows += try operations(catalogue.teams, replica)
        rows += try operations(catalogue.officers, replica)
        rows += try operations(catalogue.matters, replica)
        rows += try operations(catalogue.waters, replica)
        rows += try operations(catalogue.closures, replica)
        rows += try operations(catalogue.checklistItems, replica)
        rows += try operations(catalogue.species, replica)
        return batches(of: rows).enumerated()
            .map { index, operations in
                Change(
                    dot: Dot(replica, UInt64(index) + 1),
                    context: CausalContext(),
                    timestamp: HybridTimestamp(
                        wallTime: releasedAt.milliseconds,
                        logical: UInt32(truncatingIfNeeded: index)
                    ),
                    author: author,
                    reason: catalogue.release.name,
                    operations: operations
                )
            }
    }

    /// The operations of each row.
    private static func operations<Row: CatalogueRecord>(
        _ rows: [Row],
        _ replica: ReplicaID
    ) throws(EditError) -> [[Operation]] {
        let schema = Row.mapping.schema
        let resolution = EditResolution(schema: schema, replica: replica, isHub: true)
        let state = RecordState()
        var result: [[Operation]] = []
        for row in rows {
            var edits = Row.mapping.edits(inserting: row)
            for field in schema.fields where !edits.contains(where: { $0.sets(field.number) }) {
                edits.append(.set(field.number, .null))
            }
            let key = RecordKey(type: schema.number, id: row.identity)
            let actions = try resolution.actions(for: edits, on: state) {
                RecordView(of: $0, schema: schema)
            }
            result.append(actions.map { Operation(key, $0) })
        }
        return result
    }

    /// Rows put together into changes; a row is never cut.
    private static func batches(of rows: [[Operation]]) -> [[Operation]] {
        var batches: [[Operation]] = []
        for row in rows {
            if let last = batches.last, last.count + row.count <= seedOperationsMax {
                batches[batches.count - 1] += row
            } else {
                batches.append(row)
            }
        }
        return batches
    }
}

extension Edit {
    fileprivate func sets(_ field: UInt32) -> Bool {
        if case .set(field, _) = self { true } else { false }
    }
}
