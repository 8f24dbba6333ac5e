import SyncCore

/// Records and entries packed in a store that mean nothing: a disk or a stranger changed them.
extension Malformed {
    private static func state(
        _ name: String,
        _ code: WireError.Code,
        _ body: [UInt8]
    ) -> Malformed {
        // Format 1 and one stamp: replica 1, counter 1, no sequence, time 0, author 1.
        let head: [UInt8] = [1, 1, 1, 1, 0, 0, 0, 1]
        return Malformed(name: "state-" + name, kind: .state, code: code, bytes: head + body)
    }

    private static func entry(
        _ name: String,
        _ code: WireError.Code,
        peers: [UInt8] = [0],
        reason: [UInt8] = [0],
        _ actions: [UInt8]
    ) -> Malformed {
        // Format 1, part 0 of 1, base 0; time 0, author 1; no bound.
        let head: [UInt8] = [1, 0, 1, 0] + peers + [0, 0, 1] + reason + [0]
        return Malformed(name: "entry-" + name, kind: .entry, code: code, bytes: head + actions)
    }

    private static let fieldOf33Bits = varint(1 << 33)

    static let stored: [Malformed] = [
        state("created-by-a-stamp-that-is-not-there", .invalid, [2]),
        state("million-and-one-marks", .limit, [0] + varint(1_000_001)),
        state("marks-beyond-the-end", .truncated, [0] + varint(1_000)),
        state("mark-of-kind-6", .invalid, [0, 1, 12, 0, 0]),
        state("mark-by-a-stamp-that-is-not-there", .invalid, [0, 1, 0, 5, 0]),
        state("mark-against-a-stamp-that-is-not-there", .invalid, [0, 1, 1, 0, 0, 5]),
        state("mark-with-a-reason-that-is-not-utf8", .text, [0, 1, 0, 0, 1, 0xFF]),
        state("mark-with-a-reason-with-nul", .text, [0, 1, 0, 0, 1, 0]),
        state("seal-by-a-stamp-that-is-not-there", .invalid, [0, 0, 1, 5, 0, 0]),
        state("seal-of-more-values-than-bytes", .truncated, [0, 0, 1, 0, 0] + varint(1_000)),
        state("seal-that-covers-a-stamp-that-is-not-there", .invalid, [0, 0, 1, 0, 0, 0, 0, 1, 9]),
        state("slot-of-a-field-of-33-bits", .overflow, [0, 0, 0, 1] + fieldOf33Bits),
        state(
            "slots-whose-fields-overflow",
            .overflow,
            [0, 0, 0, 2] + varint(0xFFFF_FFFF << 1) + [0, 2, 0]
        ),
        state("sibling-by-a-stamp-that-is-not-there", .invalid, [0, 0, 0, 1, 2, 1, 4, 0]),
        state("sibling-of-a-value-of-kind-13", .invalid, [0, 0, 0, 1, 2, 1, 0, 13]),
        state("siblings-beyond-the-end", .truncated, [0, 0, 0, 1, 2] + varint(1_000)),
        state("ancestor-of-a-slot-that-is-not-there", .invalid, [0, 0, 0, 0, 1, 0, 0]),
        state("ancestors-beyond-the-end", .truncated, [0, 0, 0, 0] + varint(1_000)),
        state("trailing-byte", .trailing, [0, 0, 0, 0, 0, 0]),
        Malformed(
            name: "state-of-more-stamps-than-bytes",
            kind: .state,
            code: .truncated,
            bytes: [1] + varint(1_000_000)
        ),
        Malformed(
            name: "state-of-a-million-and-one-stamps",
            kind: .state,
            code: .limit,
            bytes: [1] + varint(1_000_001)
        ),
        Malformed(name: "state-of-nothing", kind: .state, code: .truncated, bytes: []),
        Malformed(name: "entry-of-nothing", kind: .entry, code: .truncated, bytes: []),
        Malformed(
            name: "entry-part-of-33-bits",
            kind: .entry,
            code: .overflow,
            bytes: [1] + varint(1 << 32)
        ),
        entry("peers-65537", .limit, peers: varint(65_537), []),
        entry("peers-beyond-the-end", .truncated, peers: varint(1_000), []),
        entry("reason-with-nul", .text, reason: [1, 0], [0]),
        entry("reason-not-utf8", .text, reason: [2, 0xC0, 0xAF], [0]),
        entry("reason-of-4-gigabytes", .limit, reason: varint(1 << 32), []),
        entry("million-and-one-actions", .limit, varint(1_000_001)),
        entry("actions-beyond-the-end", .truncated, varint(1_000)),
        entry("action-of-code-11", .invalid, [1, 11]),
        entry("action-of-code-64-bits", .invalid, [1] + varint(.max)),
        entry("write-of-a-field-of-33-bits", .overflow, [1, 1] + varint(1 << 32)),
        entry("write-of-a-value-of-kind-13", .invalid, [1, 1, 1, 13]),
        entry("seal-of-more-values-than-bytes", .truncated, [1, 5, 0] + varint(1_000)),
        entry("unknown-payload-beyond-the-end", .truncated, [1, 7, 9] + varint(1_000)),
        entry("trailing-byte", .trailing, [0, 0]),
    ]
}
