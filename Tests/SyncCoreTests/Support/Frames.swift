import Replication
import SyncCore

/// One message of every kind, small enough that zlib leaves it alone: its bytes are the protocol's.
enum Frames {
    static let dictionary = CompressionDictionary(version: 3, text: "电鱼地笼观察 alice bob town=")

    static let epoch = Epoch(high: 0x1122_3344_5566_7788, low: 0x99AA_BBCC_DDEE_FF00)

    /// Every action, every kind of value, a group, a seal, peers, bounds and two records.
    static let fullBatch: Batch = {
        var peers = VersionVector()
        peers[ReplicaID(8)] = 4
        peers[ReplicaID(9)] = 1
        let created = RecordKey(type: 2, id: .created(by: Dot(ReplicaID(7), 5), index: 1))
        let uuid = RecordKey(type: 1, id: .named("0f8fad5b-d9cb-469f-a165-70867728950e"))
        var first = LogEntry.sample(counter: 5, parts: 2, record: created)
        first.context = CausalContext(base: 40, peers: peers)
        first.reason = "现场复核"
        first.actions = [
            .create,
            .write(SlotKey(1), .text("电鱼")), .write(SlotKey(2), .integer(-3)),
            .write(SlotKey(3), .group([.scaled(308_671_234), .scaled(1_200_812_345), .null])),
            .write(SlotKey(4, element: .text("夜间")), .boolean(true)),
            .write(SlotKey(5), .real(0.5)), .write(SlotKey(6), .timestamp(1_785_744_000_123)),
            .write(SlotKey(7), .bytes([0, 255])), .write(SlotKey(8), .json("{\"a\":1}")),
            .write(SlotKey(9), .reference(uuid)), .write(SlotKey(10), .boolean(false)),
        ]
        var second = first
        second.part = 1
        second.record = uuid
        second.actions = [
            .void(reason: "重复"), .delete(reason: ""), .undelete(reason: "误删"),
            .seal(
                reason: "签名",
                content: [
                    Operation.SealedValue(SlotKey(1), .text("电鱼")),
                    Operation.SealedValue(
                        SlotKey(2),
                        .text("7d444840-9dc0-11d1-b245-5ffdce74fad2")
                    ),
                    Operation.SealedValue(SlotKey(4, element: .text("夜间")), .boolean(true)),
                ]
            ),
            .unknown(code: 99, payload: [1, 2, 3]),
        ]
        return Batch(
            entries: [
                Batch.Item(
                    entry: first,
                    recordNumber: 12,
                    introducesRecord: true,
                    sequence: 41,
                    bound: HybridTimestamp(wallTime: 1_785_744_000_000, logical: 2)
                ),
                Batch.Item(entry: second, sequence: 42),
            ],
            isSequenced: true
        )
    }()

    static let push: Batch = {
        Batch(
            entries: [Batch.Item(entry: .sample(counter: 2, text: "地笼"), recordNumber: 12)],
            isSequenced: false
        )
    }()

    static let introduction: SyncRequest = {
        var held = VersionVector()
        held[ReplicaID(8)] = 9
        var unplaced = VersionVector()
        unplaced[ReplicaID(8)] = 4
        return SyncRequest(
            caller: .introduction(
                SyncRequest.Introduction(
                    replica: ReplicaID(7),
                    epoch: epoch,
                    schemaVersion: 4,
                    acknowledged: 17,
                    dictionaryVersion: 3,
                    scopes: ["organ=渔政", "town=330502100"],
                    transition: SyncRequest.Transition(from: ["town=330502104"], after: 77)
                )
            ),
            cursor: 1_000_000,
            held: held,
            unplaced: unplaced,
            pullBytesMax: 65_536,
            push: push
        )
    }()

    static let page: SyncResponse = {
        var response = SyncResponse(
            status: .done,
            registration: SyncResponse.Registration(number: 5, tag: 0xDEAD_BEEF, epoch: epoch),
            through: 42,
            head: 50,
            receipts: [
                SyncResponse.ReplicaReceipts(
                    replica: ReplicaID(7),
                    runs: [Receipts.Run(first: 1, count: 3, sequence: 30, entries: 2)],
                    bounds: [
                        SyncResponse.Bound(
                            counter: 2,
                            timestamp: HybridTimestamp(wallTime: 1_785_744_000_000, logical: 1)
                        )
                    ],
                    records: [SyncResponse.RecordNumber(counter: 1, part: 0, number: 12)]
                )
            ],
            leaves: [3, 9],
            quarantined: [SyncResponse.Quarantined(counter: 3, reason: "无权限")],
            entries: fullBatch
        )
        response.transitionThrough = 78
        return response
    }()

    static let delta: DeltaFile = {
        var delta = DeltaFile(batch: push, epoch: epoch)
        delta.batch.entries[0].recordNumber = nil
        return delta
    }()

    /// Name, kind and bytes of each golden frame.
    static func all() throws -> [(name: String, kind: WireKind, bytes: [UInt8])] {
        let request = introduction.encoded(dictionary: nil)
        let registered = SyncRequest(caller: .registered(number: 5, tag: 9), cursor: 300)
        var statuses: [(String, SyncResponse.Status)] = [
            ("introduce", .introduce), ("gap", .gap(expected: 300)), ("fork", .fork(counter: 4)),
            ("refused", .refused(code: 2, message: "范围太大")), ("busy", .busy(milliseconds: 5_000)),
            ("new-epoch", .newEpoch(epoch)),
        ]
        statuses.sort { $0.0 < $1.0 }
        var frames: [(String, WireKind, [UInt8])] = [
            ("batch-empty", .batch, BatchEncoder.encode(Batch(isSequenced: false))),
            ("batch-everything", .batch, BatchEncoder.encode(fullBatch)),
            ("batch-push", .batch, BatchEncoder.encode(push)),
            ("batch-blind", .batch, BatchEncoder.encode(blind)),
            ("batch-partly-sequenced", .batch, BatchEncoder.encode(partlySequenced)),
            ("batch-runs-and-single-values", .batch, BatchEncoder.encode(runs)),
            ("request-introduction-with-push", .request, introduction.encoded(dictionary: nil)),
            ("request-nothing-to-say", .request, registered.encoded(dictionary: nil)),
            (
                "request-ask-for-nothing", .request,
                SyncRequest(caller: registered.caller, cursor: 300, pullBytesMax: 0)
                    .encoded(dictionary: nil)
            ),
            (
                "request-that-can-wait", .request,
                SyncRequest(caller: registered.caller, cursor: 300, holdSeconds: 60)
                    .encoded(dictionary: nil)
            ),
            ("request-one-edit", .request, oneEdit.encoded(dictionary: nil)),
            ("response-one-edit", .response, oneEditAnswer.encoded(dictionary: nil)),
            ("response-receipts-and-entries", .response, page.encoded(dictionary: nil)),
            (
                "response-nothing-new", .response,
                SyncResponse(status: .done, through: 300, head: 300)
                    .encoded(dictionary: nil)
            ),
            (
                "response-lists", .response,
                { page in
                    var page = page
                    page.entries = Batch(isSequenced: true)
                    return page.encoded(dictionary: nil)
                }(page)
            ),
            ("delta-one-change", .delta, delta.encoded(dictionary: nil)),
            (
                "delta-receipts-and-two-pages", .delta,
                twoPages.encoded(dictionary: nil, pageBytes: 1)
            ),
            (
                "transfer-resume", .upward,
                Transfer.resume(digest: Transfer.digest(of: request), offset: 500).encoded
            ),
            (
                "transfer-part", .upward,
                Transfer.part(
                    digest: Transfer.digest(of: request),
                    total: request.count,
                    offset: 4,
                    bytes: Array(request[4..<7])
                )
                .encoded
            ),
            (
                "transfer-rest", .downward,
                Transfer.rest(.init(of: page.encoded(dictionary: nil), from: 64)).encoded
            ),
            ("transfer-rest-dropped", .downward, Transfer.rest(nil).encoded),
            ("transfer-progress", .downward, Transfer.progress(offset: 500).encoded),
        ]
        frames += statuses.map {
            ("response-\($0.0)", .response, SyncResponse(status: $0.1).encoded(dictionary: nil))
        }
        frames += epochFrames
        frames += try Tables.with { names, db in
            let entry = fullBatch.entries[0]
            let state = Frames.state
            return [
                (
                    "entry-everything", .entry,
                    try EntryCodec.encode(
                        entry.entry,
                        bound: entry.bound,
                        names: &names,
                        db
                    )
                ),
                (
                    "state-everything", .state,
                    try StateCodec.encode(
                        state.state,
                        ancestors: state.ancestors,
                        names: &names,
                        db
                    )
                ),
            ]
        }
        return frames.sorted { $0.0 < $1.0 }
    }

    /// A record's state with siblings, marks, a contest, a seal and an ancestor.
    static let state: (state: RecordState, ancestors: [SlotKey: String]) = {
        func stamp(_ replica: UInt64, _ counter: UInt64, sequence: UInt64? = nil) -> Stamp {
            Stamp(
                dot: Dot(ReplicaID(replica), counter),
                sequence: sequence,
                timestamp: HybridTimestamp(
                    wallTime: 1_785_744_000_000 - Int64(replica) * 1_000,
                    logical: UInt32(counter)
                ),
                author: replica == 7 ? "alice" : "bob"
            )
        }
        let slots = [
            Slot(
                key: SlotKey(1),
                siblings: [
                    Slot.Sibling(stamp: stamp(7, 2), value: .text("岸边")),
                    Slot.Sibling(stamp: stamp(8, 1, sequence: 4), value: .text("河边")),
                ]
            ),
            Slot(
                key: SlotKey(4, element: .text("夜间")),
                siblings: [Slot.Sibling(stamp: stamp(8, 1, sequence: 4), value: .boolean(true))]
            ),
            Slot(
                key: SlotKey(9),
                siblings: [
                    Slot.Sibling(stamp: stamp(9, 3), value: .integer(5), isSuperseded: true)
                ]
            ),
        ]
        let marks = [
            LifecycleMark(stamp: stamp(7, 1), kind: .create, reason: ""),
            LifecycleMark(stamp: stamp(9, 9), kind: .void, reason: "重复", contest: stamp(7, 2)),
        ]
        let seal = Seal(
            stamp: stamp(8, 2),
            reason: "签名",
            content: [Operation.SealedValue(SlotKey(1), .text("岸"))],
            covered: {
                var covered = VersionVector()
                covered.insert(stamp(7, 2).dot)
                covered.insert(stamp(8, 2).dot)
                return covered
            }()
        )
        let state = RecordState(
            slots: slots,
            marks: marks,
            creation: stamp(7, 1),
            seals: [seal]
        )
        return (state, [SlotKey(1): "边"])
    }()
}
