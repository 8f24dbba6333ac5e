public import Interchange

/// What a replay came to.
public struct ReplayReport: Sendable {
    /// What one store holds at the end.
    public struct Store: Hashable, Sendable {
        /// The device's name, or `hub`.
        public var name: String
        /// Visible records.
        public var records = 0
        /// Changes in the log.
        public var changes = 0
        /// Fields in dispute, and disputed deletions.
        public var conflictsOpen = 0
        /// The hash of the store's dump.
        public var stateHash = ""
    }

    /// One exchange with the hub.
    public struct Sync: Hashable, Sendable {
        /// The line of the trace.
        public var line: Int
        /// Whose.
        public var device: String
        /// When, by the true time.
        public var at: Int64
        /// Bytes of the bodies that the device sent.
        public var requestBytes = 0
        /// Bytes of the bodies that the hub sent.
        public var responseBytes = 0
        /// Own changes that the hub newly acknowledged.
        public var changesUp = 0
        /// Others' changes that arrived.
        public var changesDown = 0
        /// Messages sent.
        public var roundTrips = 0
        /// Why it ended before everything was exchanged; nil when it did not.
        public var failure: String?
    }

    /// An edit of a record that its device had never received.
    public struct Missing: Hashable, Sendable {
        /// The line of the trace.
        public var line: Int
        /// Whose.
        public var device: String
        /// When, by the true time.
        public var at: Int64
        /// What was to be done.
        public var verb: String
        /// The type of the record that was not there.
        public var type: String
        /// The record that was not there.
        public var record: String
    }

    /// An edit that the device refused, as it would in the field: nothing was recorded.
    public struct Refused: Hashable, Sendable {
        /// The line of the trace.
        public var line: Int
        /// Whose.
        public var device: String
        /// When, by the true time.
        public var at: Int64
        /// What was to be done.
        public var verb: String
        /// Why it was not.
        public var reason: String
    }

    /// Sums over the run.
    public struct Totals: Hashable, Sendable {
        /// Operations carried out.
        public var edits = 0
        /// Changes recorded.
        public var changes = 0
        /// Bytes of the bodies that devices sent.
        public var requestBytes = 0
        /// Bytes of the bodies that the hub sent.
        public var responseBytes = 0
        /// CPU time of the devices' own writes.
        public var localWriteSeconds = 0.0
        /// CPU time of the hub's part of the exchanges.
        public var hubMergeSeconds = 0.0
        /// CPU time of the devices' part of the exchanges.
        public var deviceMergeSeconds = 0.0
        /// How long the run took.
        public var wallSeconds = 0.0
        /// The most memory that the process ever had.
        public var peakMemoryBytes: Int64 = 0
    }

    /// Whether every device whose last event is a sync agreed with the hub after it.
    public var converged: Bool { disagreeing.isEmpty }
    /// The devices whose last event is a sync and that did not agree with the hub after it.
    public internal(set) var disagreeing: [String] = []
    /// The devices, in the order of their first events.
    public internal(set) var devices: [Store] = []
    /// The hub.
    public internal(set) var hub = Store(name: "hub")
    /// The exchanges, in their order.
    public internal(set) var syncs: [Sync] = []
    /// The edits that found no record, in their order.
    public internal(set) var missing: [Missing] = []
    /// The edits that their device refused, in their order: of a sealed record, of an entry that is
    /// there with another value.
    public internal(set) var refused: [Refused] = []
    /// Changes that were acknowledged and are in no log, outbox or quarantine.
    public internal(set) var lost = 0
    /// Changes that a restore took off a device's disk before anyone else had them.
    public internal(set) var overwritten = 0
    /// The sums.
    public internal(set) var totals = Totals()
}

extension ReplayReport {
    /// The report as `field replay --report` writes it.
    public var json: JSONValue {
        var stores = JSONObject()
        for device in devices { stores[device.name] = ReplayReport.json(device) }
        var report: JSONObject = [
            "converged": .boolean(converged),
            "devices": .object(stores),
            "hub": ReplayReport.json(hub),
            "syncs": .array(syncs.map(ReplayReport.json)),
            "missing": .integer(Int64(missing.count)),
            "missingEvents": .array(missing.map(ReplayReport.json)),
            "lost": .integer(Int64(lost)),
            "totals": totalsJSON,
        ]
        // Told only where there is something to tell.
        if !disagreeing.isEmpty {
            report["disagreeing"] = .array(disagreeing.map { .string($0) })
        }
        if !refused.isEmpty {
            report["refused"] = .integer(Int64(refused.count))
            report["refusedEvents"] = .array(refused.map(ReplayReport.json))
        }
        if overwritten > 0 { report["overwrittenByRestore"] = .integer(Int64(overwritten)) }
        return .object(report)
    }

    private static func json(_ store: Store) -> JSONValue {
        .object([
            "records": .integer(Int64(store.records)), "changes": .integer(Int64(store.changes)),
            "conflictsOpen": .integer(Int64(store.conflictsOpen)),
            "stateHash": .string(store.stateHash),
        ])
    }

    private static func json(_ sync: Sync) -> JSONValue {
        var object: JSONObject = [
            "device": .string(sync.device), "at": .integer(sync.at),
            "requestBytes": .integer(Int64(sync.requestBytes)),
            "responseBytes": .integer(Int64(sync.responseBytes)),
            "changesUp": .integer(Int64(sync.changesUp)),
            "changesDown": .integer(Int64(sync.changesDown)),
            "roundTrips": .integer(Int64(sync.roundTrips)),
        ]
        if let failure = sync.failure { object["failure"] = .string(failure) }
        return .object(object)
    }

    private static func json(_ missing: Missing) -> JSONValue {
        .object([
            "line": .integer(Int64(missing.line)), "device": .string(missing.device),
            "at": .integer(missing.at), "do": .string(missing.verb),
            "type": .string(missing.type), "record": .string(missing.record),
        ])
    }

    private static func json(_ refused: Refused) -> JSONValue {
        .object([
            "line": .integer(Int64(refused.line)), "device": .string(refused.device),
            "at": .integer(refused.at), "do": .string(refused.verb),
            "reason": .string(refused.reason),
        ])
    }

    private var totalsJSON: JSONValue {
        func seconds(_ value: Double) -> JSONValue {
            JSONValue((value * 1e6).rounded() / 1e6) ?? .null
        }
        return .object([
            "edits": .integer(Int64(totals.edits)), "changes": .integer(Int64(totals.changes)),
            "requestBytes": .integer(Int64(totals.requestBytes)),
            "responseBytes": .integer(Int64(totals.responseBytes)),
            "cpuSeconds": .object([
                "localWrites": seconds(totals.localWriteSeconds),
                "hubMerges": seconds(totals.hubMergeSeconds),
                "deviceMerges": seconds(totals.deviceMergeSeconds),
            ]),
            "wallSeconds": seconds(totals.wallSeconds),
            "peakMemoryBytes": .integer(totals.peakMemoryBytes),
        ])
    }
}
