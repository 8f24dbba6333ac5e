import Replication
import SyncCore

/// Bytes whose parts are well-formed and that mean nothing, or say what has another form.
extension Malformed {
    private static let infinity: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x7F]
    private static let notANumber: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF8, 0x7F]

    private static let twoRecordsOfOneNumber: Batch = {
        let items = ["n", "m"].enumerated()
            .map { index, name in
                Batch.Item(
                    entry: .sample(
                        counter: UInt64(index + 1),
                        record: RecordKey(type: 1, id: .named(name))
                    ),
                    recordNumber: 12,
                    introducesRecord: true,
                    sequence: UInt64(index + 1)
                )
            }
        return Batch(entries: items, isSequenced: true)
    }()

    static let refusedValues: [Malformed] = [
        batch("real-infinite", .invalid, BatchPieces.write([4] + infinity)),
        batch("real-not-a-number", .invalid, BatchPieces.write([4] + notANumber)),
        batch("sealed-real-infinite", .invalid, BatchPieces.mark(5, [2, 1, 2, 4] + infinity)),
        batch("sealed-text-with-nul", .text, BatchPieces.mark(5, [2, 1, 2, 6, 1, 0])),
        batch("sealed-json-with-nul", .text, BatchPieces.mark(5, [2, 1, 2, 9, 1, 0])),
        batch("sealed-element-with-nul", .text, BatchPieces.mark(5, [2, 1, 3, 6, 1, 0, 0])),
        batch("sealed-reference-with-nul", .text, BatchPieces.mark(5, [2, 1, 2, 10, 1, 1, 1, 0])),
        batch("counter-over-63-bits", .invalid, BatchPieces.with { $0.counter = zigZag(.max) }),
        batch(
            "peer-counter-over-63-bits",
            .overflow,
            BatchPieces.with {
                $0.peerCount = [1]
                $0.peers = [0] + varint(1 << 63)
            }
        ),
        batch(
            "created-by-change-over-63-bits",
            .overflow,
            BatchPieces.with { $0.identity = [1, 0, 0] + varint(1 << 63) + [0] }
        ),
        batch(
            "record-introduced-without-sequence",
            .invalid,
            BatchPieces.with {
                $0.sequencing = [2]
                $0.kind = [2]
                $0.sequences = zigZag(-1) + [0]
                $0.numbers = zigZag(3)
            }
        ),
        batch(
            "record-introduced-upward",
            .invalid,
            BatchPieces.with {
                $0.kind = [2]
                $0.numbers = zigZag(3)
            }
        ),
        batch(
            "one-number-of-two-records",
            .invalid,
            BatchEncoder.encode(twoRecordsOfOneNumber)
        ),
    ]

    private static func request(
        _ name: String,
        _ code: WireError.Code,
        _ bytes: [UInt8]
    ) -> Malformed {
        Malformed(name: "request-" + name, kind: .request, code: code, bytes: bytes)
    }

    private static func response(
        _ name: String,
        _ code: WireError.Code,
        _ bytes: [UInt8]
    ) -> Malformed {
        Malformed(name: "response-" + name, kind: .response, code: code, bytes: bytes)
    }

    private static func delta(
        _ name: String,
        _ code: WireError.Code,
        _ bytes: [UInt8]
    ) -> Malformed {
        let head = DeltaFile.magic + Array(repeating: 0, count: 16)
        return Malformed(name: "delta-" + name, kind: .delta, code: code, bytes: head + bytes)
    }

    private static let seven: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0]
    private static let zeros: [UInt8] = Array(repeating: 0, count: 16)
    private static let halfEpoch: [UInt8] = Array(repeating: 0, count: 8) + seven

    static let refusedMessages: [Malformed] = [
        request("scope-empty", .invalid, introduction + [1, 0, 0, 0]),
        request("scope-with-line-feed", .invalid, introduction + [1, 3, 0x61, 0x0A, 0x62, 0, 0]),
        request("scope-with-nul", .text, introduction + [1, 3, 0x61, 0, 0x62, 0, 0]),
        request("held-of-none", .notCanonical, [1, 2, 5, 0, 0, 0, 0, 0, 0]),
        request(
            "places-of-what-is-not-held",
            .invalid,
            [1, 2, 5, 0, 0, 0, 0, 0, 1] + seven + [4, 5]
        ),
        request("push-of-nothing", .notCanonical, [1, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0]),
        request("push-numbered", .invalid, [1, 4, 5, 0, 0, 0, 0, 0, 0, 1, 0]),
        request("epoch-by-half", .invalid, [1, 1] + seven + halfEpoch + [1, 0, 0, 0, 0, 0]),
        request(
            "registration-over-63-bits",
            .overflow,
            [1, 0] + varint(1 << 63) + [0, 0, 0, 0, 0]
        ),
        request(
            "held-counter-over-63-bits",
            .overflow,
            [1, 2, 5, 0, 0, 0, 0, 0, 1] + seven + varint(1 << 63) + [0]
        ),
        request(
            "acknowledged-over-63-bits",
            .overflow,
            [1, 1] + seven + zeros + [1] + varint(1 << 63) + [0, 0, 0, 0]
        ),
        response("through-over-63-bits", .overflow, [1, 0, 0] + varint(1 << 63)),
        response(
            "head-over-63-bits",
            .invalid,
            [1, 0, 32] + varint(UInt64(Int64.max)) + [1]
        ),
        response("receipts-of-nobody", .notCanonical, [1, 0, 2, 5, 0]),
        response("receipts-that-say-nothing", .notCanonical, [1, 0, 2, 5, 1] + seven + [0, 0, 0]),
        response("leaves-of-none", .notCanonical, [1, 0, 4, 5, 0]),
        response("quarantine-of-none", .notCanonical, [1, 0, 8, 5, 0]),
        response("quarantine-reason-with-nul", .text, [1, 0, 8, 5, 1, 1, 1, 0]),
        response("entries-of-none", .notCanonical, [1, 0, 16, 5, 0, 1, 0]),
        response(
            "entries-partly-sequenced",
            .invalid,
            [1, 0, 16, 50, 0] + BatchEncoder.encode(Frames.partlySequenced)
        ),
        response("registration-without-epoch", .invalid, [1, 0, 1, 5, 0, 0, 0, 0] + zeros + [5]),
        response("new-epoch-of-zeros", .invalid, [1, 6] + zeros),
        response("refused-with-nul", .text, [1, 4, 2, 1, 0]),
        response("gap-before-the-first", .invalid, [1, 2, 0]),
        delta("page-of-nothing", .notCanonical, [0, 0, 1, 3, 0, 1, 0]),
        delta("page-cut", .truncated, [0, 0, 1, 9, 0, 1, 0]),
        delta("pages-more-than-bytes", .truncated, [0, 0] + varint(1_000)),
        delta("trailing-byte", .trailing, [0, 0, 0, 0]),
        delta(
            "held-apart-that-touch",
            .notCanonical,
            [0, 2] + seven + [2, 1] + seven + [3, 1, 0]
        ),
        delta("held-apart-of-none", .invalid, [0, 1] + seven + [2, 0, 0]),
        delta(
            "held-apart-over-63-bits",
            .overflow,
            [0, 1] + seven + [2] + varint(1 << 63) + [0]
        ),
        Malformed(
            name: "delta-epoch-by-half",
            kind: .delta,
            code: .invalid,
            bytes: DeltaFile.magic + halfEpoch + [0, 0, 0]
        ),
        Malformed(
            name: "transfer-rest-neither-found-nor-not",
            kind: .downward,
            code: .invalid,
            bytes: [2, 2]
        ),
        Malformed(
            name: "transfer-rest-longer-than-all",
            kind: .downward,
            code: .trailing,
            bytes: [2, 1] + seven + [1, 8, 9]
        ),
    ]
}
