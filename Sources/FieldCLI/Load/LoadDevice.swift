import Models
import Replication
import SyncCore

/// A device as the messages that it sends, without a store.
struct LoadDevice: Sendable {
    /// What an answer means for the device.
    enum Answer: Equatable {
        /// What it brought is stored; how many entries came.
        case done(entries: Int)
        /// The same again after so many milliseconds; 0 for at once.
        case again(milliseconds: UInt64)
    }

    private let replica: ReplicaID
    private let scopes: [String]
    private let script: LoadScript
    private var registration: SyncResponse.Registration?
    private var counter: UInt64 = 0
    private var record: RecordKey?
    private var push = Batch(isSequenced: false)
    /// Up to where it has received everything.
    private(set) var cursor: UInt64 = 0
    /// Whether the hub said that there is more.
    private(set) var hasMore = false

    /// Makes a device; other numbers are other devices.
    init(number: UInt64, scopes: [String] = [], script: LoadScript) {
        replica = ReplicaID(number)
        self.scopes = scopes
        self.script = script
    }

    /// Records changes, which the next request brings.
    mutating func record(_ count: Int, at now: Int64) {
        for _ in 0..<count {
            counter += 1
            let dot = Dot(replica, counter)
            if script.isCreation(counter) || record == nil {
                record = RecordKey(
                    type: Finding.mapping.schema.number,
                    id: .created(by: dot, index: 0)
                )
            }
            guard let record else { return }
            let entry = LogEntry(
                dot: dot,
                part: 0,
                parts: 1,
                context: CausalContext(base: cursor, epoch: registration?.epoch),
                timestamp: HybridTimestamp(wallTime: now),
                author: "load",
                reason: "",
                record: record,
                actions: script.actions(of: counter)
            )
            push.entries.append(Batch.Item(entry: entry))
        }
    }

    /// The message that it would send now, asking for as many bytes as the hub chooses unless told,
    /// and for an answer at once unless it can wait.
    func request(pullBytesMax: UInt64? = nil, holdSeconds: UInt64? = nil) -> [UInt8] {
        let caller: SyncRequest.Caller
        if let registration {
            caller = .registered(number: registration.number, tag: registration.tag)
        } else {
            caller = .introduction(
                SyncRequest.Introduction(
                    replica: replica,
                    epoch: nil,
                    schemaVersion: District.schema.version,
                    acknowledged: 0,
                    dictionaryVersion: 0,
                    scopes: scopes
                )
            )
        }
        var request = SyncRequest(
            caller: caller,
            cursor: cursor,
            pullBytesMax: pullBytesMax,
            holdSeconds: holdSeconds,
            push: push
        )
        request.epoch = registration?.epoch
        return Transfer.message(request.encoded(dictionary: nil)).encoded
    }

    /// Takes the hub's answer.
    mutating func take(_ bytes: [UInt8]) throws -> Answer {
        guard case .message(let message) = try Transfer.downward(bytes) else {
            throw SyncError(.invalidAnswer, "the hub answers a message with a part")
        }
        let response = try SyncResponse.decode(
            message,
            dictionaries: [],
            resolve: { _ in RecordKey(type: 1, id: .named("?")) }
        )
        switch response.status {
        case .done: break
        case .busy(let milliseconds): return .again(milliseconds: milliseconds)
        case .introduce:
            registration = nil
            return .again(milliseconds: 0)
        case .refused(_, let text): throw SyncError(.refused, text)
        case .gap, .fork, .newEpoch:
            throw SyncError(.refused, "the hub knows these devices already; give it a new store")
        }
        guard response.quarantined.isEmpty else {
            throw SyncError(.refused, "held apart: \(response.quarantined[0].reason)")
        }
        registration = response.registration ?? registration
        cursor = response.through
        hasMore = response.head > response.through
        push.entries = []
        return .done(entries: response.entries.entries.count)
    }
}
