import Replication
import SyncCore

/// What a world must come to: every change replayed with the full version vector of its writer,
/// with nothing of anchors, pages, receipts or stores.
struct Oracle {
    let schema: Schema
    let written: [Dot: RandomWorld.Written]
    /// The hub's bounds of clocks that were ahead, from its log.
    let bounds: [Dot: HybridTimestamp]

    init(_ world: RandomWorld, log: [Batch.Item]) {
        schema = world.schema
        written = world.written
        var bounds: [Dot: HybridTimestamp] = [:]
        for item in log { bounds[item.entry.dot] = item.bound }
        self.bounds = bounds
    }

    /// What is shown of every record.
    var picture: [String] {
        var histories: [RecordKey: [LogEntry]] = [:]
        for change in causalOrder {
            for entry in change.entries { histories[entry.record, default: []].append(entry) }
        }
        return
            histories.map { key, history in
                Picture.line(key, view(of: history, schema: schema.record(key.type)))
            }
            .sorted()
    }

    /// The sum of a vector grows along causality.
    private var causalOrder: [RandomWorld.Written] {
        func weight(_ change: RandomWorld.Written) -> UInt64 {
            change.vector.entries.reduce(0) { $0 + $1.counter }
        }
        return written.values.sorted { left, right in
            let (l, r) = (weight(left), weight(right))
            return l == r ? left.entries[0].dot < right.entries[0].dot : l < r
        }
    }

    private func view(of history: [LogEntry], schema found: RecordSchema?) -> RecordView {
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
        return RecordView(
            of: state,
            schema: record,
            timeZoneMinutes: schema.timeZoneMinutes,
            ancestors: ancestors
        )
    }

    private func stamp(_ entry: LogEntry) -> Stamp {
        Stamp(
            dot: entry.dot,
            sequence: nil,
            timestamp: min(entry.timestamp, bounds[entry.dot] ?? entry.timestamp),
            author: entry.author
        )
    }

    private func past(_ entry: LogEntry) -> VersionVector {
        written[entry.dot]?.vector ?? VersionVector()
    }

    /// Pairs for which the anchored context and the full vector differ; empty by the engine's law.
    func contextViolations(log: [Batch.Item]) -> [String] {
        var sequences: [Dot: UInt64] = [:]
        for item in log where item.entry.part == 0 { sequences[item.entry.dot] = item.sequence }
        var violations: [String] = []
        for (dot, change) in written {
            let past = change.entries[0].past
            for other in written.keys {
                let anchored = past.contains(other, sequence: sequences[other])
                if anchored != change.vector.contains(other) {
                    violations.append("\(dot) has \(anchored ? "" : "not ")seen \(other), it says")
                }
            }
        }
        return violations
    }
}
