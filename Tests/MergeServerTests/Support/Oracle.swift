import MergeServer
import Replication
import SyncCore

/// What a world must come to: every change replayed with the full version vector of its writer,
/// with nothing of anchors, pages, receipts or stores.
struct Oracle {
    let schema: Schema
    let written: [Dot: RandomWorld.Written]
    /// The hub's bounds of clocks that were ahead, from its log.
    let bounds: [Dot: HybridTimestamp]

    private let isScoped: Bool
    private let isRestored: Bool
    /// What the hub knows of its earlier epochs.
    private let lives: EarlierLives
    private let epoch: Epoch?
    /// Where the hub put each change.
    let sequences: [Dot: UInt64]

    init(_ world: RandomWorld, log: [Batch.Item]) {
        var sequences: [Dot: UInt64] = [:]
        for item in log where item.entry.part == 0 { sequences[item.entry.dot] = item.sequence }
        self.sequences = sequences
        isScoped = world.isScoped
        isRestored = world.isRestored
        lives = (try? world.storage?.lives()) ?? EarlierLives()
        epoch = world.storage?.epoch
        schema = world.schema
        written = world.written
        var bounds: [Dot: HybridTimestamp] = [:]
        for item in log { bounds[item.entry.dot] = item.bound }
        self.bounds = bounds
    }

    /// Who made a record, or was the first to write to its name.
    func maker(of key: RecordKey) -> ReplicaID? {
        if case .created(let dot, _) = key.id { return dot.replica }
        return written.filter { $0.value.entries.contains { $0.record == key } }.keys
            .min { sequences[$0] ?? .max < sequences[$1] ?? .max }?
            .replica
    }

    /// What is shown of every record.
    var picture: [String] { records.map { Picture.line($0.key, $0.value.view) }.sorted() }

    /// What is shown of the records that a device of these scopes has; all when there are none.
    ///
    /// - `own`: those that it made and sees outside of its scopes.
    func picture(in scopes: [String], and own: Set<RecordKey>) -> [String] {
        guard !scopes.isEmpty else { return picture }
        let records = records
        func isIn(_ key: RecordKey) -> Bool {
            guard let state = records[key]?.state else { return false }
            func values(_ field: UInt32) -> [FieldValue] {
                state.slot(SlotKey(field))?.siblings.map(\.value) ?? []
            }
            switch key.type {
            case 1:
                return values(6)
                    .contains {
                        guard case .text(let town) = $0 else { return false }
                        return scopes.contains("town=\(town)")
                    }
            case 2:
                return values(1)
                    .contains {
                        guard case .reference(let parent) = $0 else { return false }
                        return isIn(parent)
                    }
            default: return true
            }
        }
        return records.filter { isIn($0.key) || own.contains($0.key) }
            .map { Picture.line($0.key, $0.value.view) }.sorted()
    }

    /// A record as its whole history makes it.
    private struct Made {
        let state: RecordState
        let view: RecordView
    }

    private var records: [RecordKey: Made] {
        var histories: [RecordKey: [LogEntry]] = [:]
        for change in causalOrder {
            for entry in change.entries { histories[entry.record, default: []].append(entry) }
        }
        return Dictionary(
            uniqueKeysWithValues: histories.map { key, history in
                (key, made(of: history, schema: schema.record(key.type)))
            }
        )
    }

    /// The sum of a vector grows along causality where everyone has everything; where devices have
    /// only some records the hub's order does.
    private var causalOrder: [RandomWorld.Written] {
        func weight(_ change: RandomWorld.Written) -> UInt64 {
            let dot = change.entries[0].dot
            // A restored hub's order is not causal; the order in which people wrote is.
            if isRestored { return UInt64(change.place) }
            if isScoped, let sequence = sequences[dot] { return sequence }
            return change.vector.entries.reduce(0) { $0 + $1.counter }
        }
        return written.values.sorted { left, right in
            let (l, r) = (weight(left), weight(right))
            return l == r ? left.entries[0].dot < right.entries[0].dot : l < r
        }
    }

    private func made(of history: [LogEntry], schema found: RecordSchema?) -> Made {
        let record = found ?? RecordSchema(number: 0, name: "unknown", fields: [])
        var state = RecordState()
        for entry in history {
            state.apply(entry.actions, stamp: stamp(entry), past: past(entry), schema: record)
        }
        var ancestors: [SlotKey: String] = [:]
        for (slot, siblings) in state.mergedTexts(in: record) {
            let writes = history.compactMap { entry in
                TextWrite.text(of: slot, in: entry.actions)
                    .map { TextWrite(stamp: stamp(entry), past: past(entry), text: $0) }
            }
            let zone = schema.timeZoneMinutes
            ancestors[slot] = TextAncestry(of: slot, in: record, timeZoneMinutes: zone)?
                .ancestor(of: siblings, in: writes)
        }
        let view = RecordView(
            of: state,
            schema: record,
            timeZoneMinutes: schema.timeZoneMinutes,
            ancestors: ancestors
        )
        return Made(state: state, view: view)
    }

    private func stamp(_ entry: LogEntry) -> Stamp {
        Stamp(
            dot: entry.dot,
            sequence: nil,
            timestamp: min(entry.timestamp, bounds[entry.dot] ?? entry.timestamp),
            author: entry.author
        )
    }

    private func past(_ entry: LogEntry) -> Past {
        let change = written[entry.dot]
        return Past(
            dot: entry.dot,
            vector: change?.vector ?? VersionVector(),
            seen: isScoped ? change?.seen[entry.record] ?? [] : nil
        )
    }

    /// What a writer had seen: all that its vector has, or where devices have only some records what
    /// it had of this one and its replica's own.
    private struct Past: CausalKnowledge {
        let dot: Dot
        let vector: VersionVector
        let seen: Set<Dot>?

        func contains(_ other: Dot, sequence: UInt64?) -> Bool {
            if other.replica == dot.replica { return other.counter <= dot.counter }
            return seen?.contains(other) ?? vector.contains(other)
        }
    }

    /// What an entry's context says, by every number of the other change.
    private func hasSeen(_ entry: LogEntry, _ other: Dot) -> Bool {
        let number = sequences[other]
        guard !lives.isEmpty else { return entry.past.contains(other, sequence: number) }
        return entry.past.contains(other, sequence: nil)
            || lives.isSeen(other, by: entry.context, sequence: number, in: epoch)
    }

    /// Pairs of changes of one record for which the anchored context says something else than what
    /// the writer had of the record; empty by the law where devices have only some records.
    func heldViolations() -> [String] {
        var violations: [String] = []
        var writers: [RecordKey: [Dot]] = [:]
        for (dot, change) in written {
            for entry in change.entries { writers[entry.record, default: []].append(dot) }
        }
        for (dot, change) in written {
            for entry in change.entries {
                let seen = change.seen[entry.record] ?? []
                for other in writers[entry.record] ?? [] {
                    let anchored = hasSeen(entry, other)
                    let isOwn = other.replica == dot.replica
                    let isSeen = isOwn ? other.counter < dot.counter : seen.contains(other)
                    if anchored != isSeen, other != dot {
                        violations.append(
                            "\(dot) has \(anchored ? "" : "not ")seen \(other), it says"
                        )
                    }
                }
            }
        }
        return violations
    }

    /// Pairs for which the anchored context and the full vector differ; empty by the engine's law.
    func contextViolations(log: [Batch.Item]) -> [String] {
        var violations: [String] = []
        for (dot, change) in written {
            for other in written.keys {
                let anchored = hasSeen(change.entries[0], other)
                if anchored != change.vector.contains(other) {
                    violations.append("\(dot) has \(anchored ? "" : "not ")seen \(other), it says")
                }
            }
        }
        return violations
    }
}
