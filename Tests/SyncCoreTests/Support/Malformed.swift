import Replication
import SyncCore

/// A batch of one change on one record, in pieces that a test can replace.
struct BatchPieces {
    var sequencing: [UInt8] = [0]
    var changes: [UInt8] = [1]
    var replicas: [UInt8] = [1, 7, 0, 0, 0, 0, 0, 0, 0]
    /// "alice", "" and "n".
    var texts: [UInt8] = [3, 5, 5, 0, 1] + Array("alicen".utf8)
    var replicaNumber: [UInt8] = [0]
    var counter: [UInt8] = [0]
    var base: [UInt8] = [6]
    var peerCount: [UInt8] = [0]
    var time: [UInt8] = [0]
    var logical: [UInt8] = [0]
    var author: [UInt8] = [0]
    var reason: [UInt8] = [0]
    var parts: [UInt8] = [1]
    var entries: [UInt8] = [1]
    var peers: [UInt8] = []
    var part: [UInt8] = [0]
    var kind: [UInt8] = [1]
    var onlySeen: [UInt8] = []
    var sequences: [UInt8] = []
    var numbers: [UInt8] = []
    /// Type 1, named by the next text.
    var identity: [UInt8] = [1, 1, 0]
    var counts: [UInt8] = [1]
    /// One create.
    var codes: [UInt8] = [0]
    var fields: [UInt8] = []
    var rest: [UInt8] = []

    var bytes: [UInt8] {
        let head = sequencing + changes + replicas + texts
        let change = replicaNumber + counter + base + peerCount + time + logical
        let names = author + reason + parts + entries + peers
        let entry = part + kind + onlySeen + sequences + numbers + identity
        return head + change + names + entry + counts + codes + fields + rest
    }

    static func with(_ change: (inout BatchPieces) -> Void) -> [UInt8] {
        var pieces = BatchPieces()
        change(&pieces)
        return pieces.bytes
    }

    /// The batch with one write of field 1 whose value column is `column`.
    static func write(_ column: [UInt8]) -> [UInt8] {
        with {
            $0.codes = [1]
            $0.fields = [1]
            $0.rest = column
        }
    }

    /// The batch with one action of this code and what follows it.
    static func mark(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
        with {
            $0.codes = [code]
            $0.rest = content
        }
    }
}

/// Bytes that must be refused, by name.
struct Malformed: Sendable {
    var name: String
    var kind: WireKind
    var code: WireError.Code
    var bytes: [UInt8]
    /// Whether zlib made the bytes: another version of it may make others.
    var isDeflated = false

    static func varint(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.unsigned(value)
        return writer.bytes
    }

    static func zigZag(_ value: Int64) -> [UInt8] {
        var writer = ByteWriter()
        writer.signed(value)
        return writer.bytes
    }

    static let all: [Malformed] =
        batches + changes + records + values
        + messages + deflated + refusedValues + refusedMessages + stored

    static func batch(
        _ name: String,
        _ code: WireError.Code,
        _ bytes: [UInt8]
    ) -> Malformed {
        Malformed(name: "batch-" + name, kind: .batch, code: code, bytes: bytes)
    }

    private static let batches: [Malformed] = [
        batch("of-nothing", .truncated, []),
        batch("sequencing-3", .unknownVersion, BatchPieces.with { $0.sequencing = [3] }),
        batch("flags-16", .unknownVersion, BatchPieces.with { $0.sequencing = [16] }),
        batch(
            "blind-with-nothing",
            .notCanonical,
            BatchPieces.with {
                $0.sequencing = [4]
                $0.changes = [0]
            }
        ),
        batch(
            "blind-without-a-blind-entry",
            .notCanonical,
            BatchPieces.with {
                $0.sequencing = [4]
                $0.onlySeen = [0]
            }
        ),
        batch(
            "only-seen-unsorted",
            .notCanonical,
            BatchPieces.with {
                $0.sequencing = [4]
                $0.onlySeen = [3, 0, 5, 0, 4]
            }
        ),
        batch(
            "only-seen-counter-zero",
            .invalid,
            BatchPieces.with {
                $0.sequencing = [4]
                $0.onlySeen = [2, 0, 0]
            }
        ),
        batch(
            "only-seen-1001",
            .limit,
            BatchPieces.with {
                $0.sequencing = [4]
                $0.onlySeen = varint(1_002)
            }
        ),
        batch("over-100000-changes", .limit, BatchPieces.with { $0.changes = varint(100_001) }),
        batch("long-varint", .notCanonical, BatchPieces.with { $0.changes = [0x81, 0x00] }),
        batch(
            "varint-of-65-bits",
            .overflow,
            BatchPieces.with { $0.changes = Array(repeating: 0xFF, count: 9) + [0x02] }
        ),
        batch("trailing-byte", .trailing, BatchPieces().bytes + [0]),
        batch(
            "text-never-used",
            .trailing,
            BatchPieces.with { $0.texts = [4, 3, 5, 0, 4, 1] + Array("alicenx".utf8) }
        ),
        batch(
            "text-twice-in-table",
            .notCanonical,
            BatchPieces.with { $0.texts = [3, 5, 5, 0, 5] + Array("alicealice".utf8) }
        ),
        batch(
            "text-not-utf8",
            .text,
            BatchPieces.with { $0.texts = [3, 5, 5, 0, 1] + Array("alice".utf8) + [0xFF] }
        ),
        batch(
            "text-overlong-utf8",
            .text,
            BatchPieces.with { $0.texts = [3, 5, 5, 0, 2] + Array("alice".utf8) + [0xC0, 0xAF] }
        ),
        batch(
            "text-lone-surrogate",
            .text,
            BatchPieces.with {
                $0.texts = [3, 5, 5, 0, 3] + Array("alice".utf8) + [0xED, 0xA0, 0x80]
            }
        ),
        batch(
            "text-with-nul",
            .text,
            BatchPieces.with { $0.texts = [3, 5, 5, 0, 1] + Array("alice".utf8) + [0] }
        ),
        batch(
            "text-of-4-gigabytes",
            .limit,
            BatchPieces.with { $0.texts = [3, 5] + varint(1 << 32) + [0, 1] }
        ),
        batch(
            "text-beyond-the-end",
            .truncated,
            BatchPieces.with { $0.texts = [3, 5, 5, 0] + varint(100_000) + Array("alicen".utf8) }
        ),
        batch(
            "million-empty-texts",
            .truncated,
            BatchPieces.with { $0.texts = varint(1_000_000) + zigZag(1_000_000) + [0] }
        ),
    ]

    private static let changes: [Malformed] = [
        batch(
            "replica-twice-in-table",
            .notCanonical,
            BatchPieces.with {
                $0.replicas = [2, 7, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
            }
        ),
        batch(
            "replica-never-used",
            .trailing,
            BatchPieces.with {
                $0.replicas = [2, 7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]
            }
        ),
        batch("replica-not-in-table", .invalid, BatchPieces.with { $0.replicaNumber = [1] }),
        batch(
            "peers-unsorted",
            .notCanonical,
            BatchPieces.with {
                $0.replicas = [2, 7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]
                $0.peerCount = [2]
                $0.peers = [0, 1, 1, 1]
            }
        ),
        batch(
            "peer-counter-zero",
            .invalid,
            BatchPieces.with {
                $0.peerCount = [1]
                $0.peers = [0, 0]
            }
        ),
        batch("peers-65537", .limit, BatchPieces.with { $0.peerCount = varint(65_537) }),
        batch("counter-zero", .invalid, BatchPieces.with { $0.counter = zigZag(-1) }),
        batch("base-negative", .invalid, BatchPieces.with { $0.base = zigZag(-1) }),
        batch("logical-of-33-bits", .overflow, BatchPieces.with { $0.logical = varint(1 << 32) }),
        batch("part-not-below-parts", .invalid, BatchPieces.with { $0.part = [1] }),
        batch("change-without-entries", .limit, BatchPieces.with { $0.entries = [0] }),
        batch(
            "million-entries-in-one-change",
            .limit,
            BatchPieces.with {
                $0.parts = varint(1_000_000)
                $0.entries = varint(1_000_000)
                $0.part = zigZag(1_000_000) + [0] + zigZag(1_000_000)
            }
        ),
        batch("100000-changes-in-runs", .limit, Bombs.changes(100_000)),
        batch(
            "run-beyond-the-column",
            .invalid,
            BatchPieces.with {
                $0.changes = [3]
                $0.replicaNumber = zigZag(4) + [0]
            }
        ),
        batch(
            "run-of-none",
            .invalid,
            BatchPieces.with {
                $0.changes = [3]
                $0.replicaNumber = zigZag(0) + [0]
            }
        ),
        batch(
            "run-written-out",
            .notCanonical,
            BatchPieces.with {
                $0.changes = [3]
                $0.replicaNumber = zigZag(-3) + [0, 0, 0]
            }
        ),
    ]

    private static let records: [Malformed] = [
        batch(
            "uuid-name-as-text",
            .notCanonical,
            BatchPieces.with {
                let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"
                $0.texts = [3, 5, 5, 0, 36] + Array("alice\(uuid)".utf8)
            }
        ),
        batch("identity-of-kind-3", .invalid, BatchPieces.with { $0.identity = [1, 3, 0] }),
        batch(
            "name-over-1024-bytes",
            .limit,
            BatchPieces.with {
                $0.texts = [3, 5, 5, 0] + varint(1_025) + Array("alice".utf8)
                $0.texts += Array(repeating: 0x6E, count: 1_025)
            }
        ),
        batch("record-named-in-way-3", .invalid, BatchPieces.with { $0.kind = [3] }),
        batch(
            "hub-number-unknown",
            .invalid,
            BatchPieces.with {
                $0.kind = [0]
                $0.numbers = zigZag(3)
            }
        ),
        batch(
            "hub-number-zero",
            .invalid,
            BatchPieces.with {
                $0.kind = [0]
                $0.numbers = zigZag(0)
            }
        ),
        batch("created-by-change-0", .invalid, BatchPieces.with { $0.identity = [1, 0, 0, 0, 0] }),
        batch(
            "sequenced-without-sequence",
            .invalid,
            BatchPieces.with {
                $0.sequencing = [1]
                $0.sequences = zigZag(-1) + [0]
            }
        ),
        batch(
            "sequence-over-63-bits",
            .invalid,
            BatchPieces.with {
                $0.sequencing = [1]
                $0.sequences = zigZag(.min) + [0]
            }
        ),
        batch(
            "bound-neither-there-nor-not",
            .invalid,
            BatchPieces.with {
                $0.sequencing = [1]
                $0.sequences = [0, 2]
            }
        ),
    ]

    private static let values: [Malformed] = [
        batch("action-11", .invalid, BatchPieces.mark(11, [])),
        batch("collect-fields-falling", .notCanonical, BatchPieces.mark(9, [2, 3, 1])),
        batch("collect-field-twice", .notCanonical, BatchPieces.mark(9, [2, 3, 3])),
        batch("collect-million-fields", .limit, BatchPieces.mark(9, varint(1_000_001))),
        batch("collect-fields-beyond-the-end", .truncated, BatchPieces.mark(9, [200, 1])),
        batch(
            "collected-digest-short",
            .truncated,
            BatchPieces.mark(10, [UInt8](repeating: 1, count: 10))
        ),
        batch(
            "unknown-payload-beyond-the-end",
            .truncated,
            BatchPieces.mark(7, [9] + varint(1_000))
        ),
        batch(
            "sealed-uuid-as-text",
            .notCanonical,
            BatchPieces.mark(
                5,
                [2, 1, 2, 6, 36] + Array("0f8fad5b-d9cb-469f-a165-70867728950e".utf8)
            )
        ),
        batch("million-actions", .limit, BatchPieces.with { $0.counts = varint(1_000_001) }),
        batch(
            "million-creates-in-a-run",
            .limit,
            BatchPieces.with {
                $0.counts = varint(1_000_000)
                $0.codes = zigZag(1_000_000) + [1]
                $0.fields = zigZag(1_000_000) + [1]
                $0.rest = zigZag(1_000_000) + [0]
            }
        ),
        batch("value-of-kind-13", .invalid, BatchPieces.write([13])),
        batch("uuid-kind-in-a-column", .invalid, BatchPieces.write([12])),
        batch("group-of-65-members", .limit, BatchPieces.write([11, 65])),
        batch(
            "groups-five-deep",
            .limit,
            BatchPieces.write([11, 1, 11, 1, 11, 1, 11, 1, 11, 1, 0])
        ),
        batch(
            "groups-that-multiply",
            .limit,
            BatchPieces.with {
                let run = zigZag(30_000)
                $0.counts = varint(30_000)
                $0.codes = run + [1]
                $0.fields = run + [1]
                $0.rest = run + [11] + run + [64]
                for _ in 0..<64 { $0.rest += run + [0] }
            }
        ),
    ]

    static let introduction: [UInt8] =
        [1, 1, 7] + Array(repeating: 0, count: 7 + 16) + [1, 0, 0]

    private static let messages: [Malformed] = [
        Malformed(
            name: "request-of-version-2",
            kind: .request,
            code: .unknownVersion,
            bytes: [2, 0]
        ),
        Malformed(
            name: "request-with-flag-64",
            kind: .request,
            code: .unknownVersion,
            bytes: [1, 64, 5, 0, 0, 0, 0, 0]
        ),
        Malformed(
            name: "request-held-for-no-time",
            kind: .request,
            code: .invalid,
            bytes: [1, 32, 5, 0, 0, 0, 0, 0, 0]
        ),
        Malformed(
            name: "request-held-for-over-an-hour",
            kind: .request,
            code: .invalid,
            bytes: [1, 32, 5, 0, 0, 0, 0, 0, 0x91, 0x1C]
        ),
        Malformed(
            name: "request-of-replica-zero",
            kind: .request,
            code: .invalid,
            bytes: [1, 1] + Array(repeating: 0, count: 30)
        ),
        Malformed(
            name: "request-scopes-unsorted",
            kind: .request,
            code: .notCanonical,
            bytes: introduction + [2, 1, 0x62, 1, 0x61, 0, 0]
        ),
        Malformed(
            name: "request-scope-twice",
            kind: .request,
            code: .notCanonical,
            bytes: introduction + [2, 1, 0x61, 1, 0x61, 0, 0]
        ),
        Malformed(
            name: "request-transition-2",
            kind: .request,
            code: .invalid,
            bytes: introduction + [0, 2, 0]
        ),
        Malformed(
            name: "request-cursor-over-63-bits",
            kind: .request,
            code: .overflow,
            bytes: [1, 0, 5, 0, 0, 0, 0] + varint(1 << 63)
        ),
        Malformed(
            name: "request-held-replicas-unsorted",
            kind: .request,
            code: .notCanonical,
            bytes: [1, 2, 5, 0, 0, 0, 0, 0, 2]
                + [8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0]
        ),
        Malformed(
            name: "request-dictionary-unknown",
            kind: .request,
            code: .unknownVersion,
            bytes: [1, 4, 5, 0, 0, 0, 0, 0, 2, 99, 1, 0]
        ),
        Malformed(
            name: "request-compression-mode-3",
            kind: .request,
            code: .unknownVersion,
            bytes: [1, 4, 5, 0, 0, 0, 0, 0, 3, 0]
        ),
        Malformed(
            name: "response-status-7",
            kind: .response,
            code: .unknownVersion,
            bytes: [1, 7]
        ),
        Malformed(
            name: "response-is-a-web-page",
            kind: .response,
            code: .unknownVersion,
            bytes: Array("<!DOCTYPE html><html>".utf8)
        ),
        Malformed(
            name: "response-with-news-of-nothing",
            kind: .response,
            code: .notCanonical,
            bytes: [1, 0, 128, 0, 0, 0]
        ),
        Malformed(
            name: "response-head-not-ahead",
            kind: .response,
            code: .invalid,
            bytes: [1, 0, 32, 5, 0]
        ),
        Malformed(
            name: "response-receipts-of-no-changes",
            kind: .response,
            code: .invalid,
            bytes: [1, 0, 2, 5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        ),
        Malformed(
            name: "response-receipts-overflow",
            kind: .response,
            code: .overflow,
            bytes: [1, 0, 2, 5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 1] + varint(.max) + [1, 5, 1, 0, 0]
        ),
        Malformed(
            name: "response-record-number-zero",
            kind: .response,
            code: .invalid,
            bytes: [1, 0, 2, 5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0]
        ),
        Malformed(
            name: "response-entries-without-sequence",
            kind: .response,
            code: .invalid,
            bytes: [1, 0, 16, 5, 0] + BatchPieces().bytes
        ),
        Malformed(
            name: "delta-with-other-magic",
            kind: .delta,
            code: .unknownVersion,
            bytes: [0x46, 0x53, 0x44, 0x03] + Array(repeating: 0, count: 20)
        ),
        Malformed(
            name: "delta-receipts-65537",
            kind: .delta,
            code: .limit,
            bytes: DeltaFile.magic + Array(repeating: 0, count: 16) + varint(65_537)
        ),
        Malformed(
            name: "transfer-of-kind-9",
            kind: .upward,
            code: .unknownVersion,
            bytes: [9, 0]
        ),
        Malformed(
            name: "transfer-part-longer-than-all",
            kind: .upward,
            code: .trailing,
            bytes: [3, 1, 2, 3, 4, 5, 6, 7, 8, 4, 2, 1, 2, 3]
        ),
        Malformed(
            name: "transfer-offset-beyond-all",
            kind: .upward,
            code: .limit,
            bytes: [3, 1, 2, 3, 4, 5, 6, 7, 8, 4, 5]
        ),
        Malformed(
            name: "transfer-progress-with-more",
            kind: .downward,
            code: .trailing,
            bytes: [3, 5, 5]
        ),
        Malformed(name: "state-of-format-9", kind: .state, code: .unknownVersion, bytes: [9, 0]),
        Malformed(
            name: "state-with-stamp-that-is-not-there",
            kind: .state,
            code: .invalid,
            bytes: [1, 0, 1]
        ),
        Malformed(name: "entry-of-format-9", kind: .entry, code: .unknownVersion, bytes: [9, 0]),
    ]

    /// Blocks of DEFLATE that lie about themselves.
    private static let deflated: [Malformed] = {
        let head: [UInt8] = [1, 4, 5, 0, 0, 0, 0, 0, 1]
        let zeros = Deflate.compress(Array(repeating: 0, count: 100_000)) ?? []
        func make(_ name: String, _ code: WireError.Code, _ tail: [UInt8]) -> Malformed {
            Malformed(
                name: "request-deflate-" + name,
                kind: .request,
                code: code,
                bytes: head + tail,
                isDeflated: true
            )
        }
        return [
            make("announces-over-8-megabytes", .limit, varint(9 << 20) + zeros),
            make("ratio-over-400", .limit, varint(100_000) + zeros),
            make("announces-32-megabytes-and-more", .limit, varint(33 << 20) + zeros),
            make("announces-too-little", .compression, varint(20_000) + zeros),
            make("announces-too-much", .compression, varint(40_000) + zeros.prefix(50) + zeros),
            make("cut", .compression, varint(30_000) + zeros.dropLast(5)),
            make("goes-on-after-its-end", .compression, varint(30_000) + zeros + [1, 2]),
            make("is-noise", .compression, varint(30) + [0xFF, 0xFE, 0x07, 0x55]),
        ]
    }()
}
