import Replication

/// What a commit would refuse of a new record, told before anything is written: for imports that
/// check a whole file first.
package enum NewRecordCheck {
    /// Checks a record's name and the edits that make it, with the limits that a commit has.
    ///
    /// - Throws: the `EditError` that the commit would throw.
    package static func check(
        _ id: RecordID,
        _ edits: [Edit],
        in schema: RecordSchema
    ) throws(EditError) {
        let limits = TextLimits(record: schema.name)
        try limits.check(id)
        let state = RecordState()
        let resolution = EditResolution(schema: schema, replica: ReplicaID(1))
        let actions = try resolution.actions(for: [.create] + edits, on: state) {
            RecordView(of: $0, schema: schema)
        }
        for action in actions { try limits.check(action) }
        let bytes = size(of: edits)
        guard bytes <= Transaction.bytesMax else {
            throw EditError(
                .value,
                record: schema.name,
                "the record has \(bytes) bytes; at most \(Transaction.bytesMax) are allowed"
            )
        }
    }

    /// How many bytes the values of edits take in a change, about.
    package static func size(of edits: [Edit]) -> Int {
        edits.reduce(0) { sum, edit in
            switch edit {
            case .set(_, let value), .add(_, let value): sum + LogEntry.size(value)
            case .append(_, let id, let value): sum + id.utf8.count + LogEntry.size(value)
            default: sum
            }
        }
    }
}
