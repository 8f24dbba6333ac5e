import Models
import Replication

/// Writes records through the kernel as a store would: struct → edits → actions → state → view.
struct Laboratory {
    static let replica = ReplicaID(0xA)

    /// The state after one change with these edits.
    static func state<Root: Record>(
        of type: Root.Type,
        after edits: [Edit],
        on base: RecordState = RecordState(),
        replica: ReplicaID = replica,
        counter: UInt64 = 1,
        isHub: Bool = true
    ) throws -> RecordState {
        let schema = Root.mapping.schema
        let resolution = EditResolution(schema: schema, replica: replica, isHub: isHub)
        let actions = try resolution.actions(for: edits, on: base) {
            RecordView(of: $0, schema: schema)
        }
        var state = base
        let dot = Dot(replica, counter)
        state.apply(
            actions,
            stamp: Stamp(
                dot: dot,
                sequence: nil,
                timestamp: HybridTimestamp(wallTime: Int64(counter)),
                author: "甲"
            ),
            past: CausalPast(of: dot, context: CausalContext()),
            schema: schema
        )
        return state
    }

    /// What a state shows.
    static func view<Root: Record>(_ state: RecordState, as type: Root.Type) -> RecordView {
        RecordView(of: state, schema: Root.mapping.schema, timeZoneMinutes: 480)
    }

    /// A record written and read again.
    static func roundTrip<Root: Record>(_ record: Root) throws -> Root {
        let state = try state(of: Root.self, after: Root.mapping.edits(inserting: record))
        return Root.mapping.record(from: view(state, as: Root.self))
    }

    /// What two devices make of one record when neither has seen the other's edits.
    static func concurrently<Root: Record>(
        on base: Root,
        _ one: (inout Root) -> Void,
        _ other: (inout Root) -> Void
    ) throws -> RecordView {
        var first = base
        var second = base
        one(&first)
        other(&second)
        let root = try state(of: Root.self, after: Root.mapping.edits(inserting: base))
        var merged = root
        var seen = VersionVector()
        seen[Laboratory.replica] = 1
        let sides = [(ReplicaID(0xB), first, UInt64(1)), (ReplicaID(0xC), second, UInt64(2))]
        for (replica, record, counter) in sides {
            let schema = Root.mapping.schema
            let resolution = EditResolution(schema: schema, replica: replica)
            let actions = try resolution.actions(
                for: Root.mapping.edits(from: base, to: record),
                on: root,
                view: { RecordView(of: $0, schema: schema) }
            )
            let dot = Dot(replica, 1)
            merged.apply(
                actions,
                stamp: Stamp(
                    dot: dot,
                    sequence: nil,
                    timestamp: HybridTimestamp(wallTime: 1_000 + Int64(counter)),
                    author: "\(replica.rawValue)"
                ),
                past: CausalPast(
                    of: dot,
                    context: CausalContext(peers: seen)
                ),
                schema: schema
            )
        }
        return view(merged, as: Root.self)
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
