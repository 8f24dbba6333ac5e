import Replication

/// Every small history: who writes next and who talks to the hub before and after, exhaustively;
/// and, where asked for, who meets whom directly before writing.
///
/// Schedules that come to the same causal structure are counted once. Each structure is played by
/// replicas whose ids grow and by replicas whose ids fall in the order in which they first write,
/// since ids break ties.
struct SmallHistories {
    /// One event: its writer, whether the writer pulls first or meets someone, and pushes after.
    struct Move: Hashable {
        var writer: Int
        var pullsBefore: Bool
        var meets: Int?
        var pushesAfter: Bool
    }

    /// A causal structure, and how the contexts express it: peers are named only after a meeting.
    private struct Structure: Hashable {
        var seen: [ReplicaID: UInt64]
        var peers: VersionVector
    }

    let schedules: [[Move]]

    init(events: Int, replicas: Int = 3, withMeetings: Bool = false) {
        var seen: Set<[Structure]> = []
        var result: [[Move]] = []
        for schedule in SmallHistories.schedules(events, replicas, withMeetings) {
            let history = SmallHistories.play(
                schedule,
                people: People.four,
                schema: PolicyCase.schema(),
                actions: { _, _ in [.create] }
            )
            let structure = history.events.map {
                Structure(seen: $0.seen, peers: $0.change.context.peers)
            }
            if seen.insert(structure).inserted { result.append(schedule) }
        }
        schedules = result
    }

    private static func schedules(
        _ events: Int,
        _ replicas: Int,
        _ withMeetings: Bool
    ) -> [[Move]] {
        guard events > 0 else { return [[]] }
        return schedules(events - 1, replicas, withMeetings)
            .flatMap { start -> [[Move]] in
                let known = (start.map(\.writer).max() ?? -1) + 1
                return (0..<min(replicas, known + 1))
                    .flatMap { writer -> [[Move]] in
                        var befores: [(pulls: Bool, meets: Int?)] = [(false, nil), (true, nil)]
                        if withMeetings {
                            befores += (0..<known).filter { $0 != writer }.map { (false, $0) }
                        }
                        return befores.flatMap { before in
                            [false, true]
                                .map { pushes in
                                    start + [
                                        Move(
                                            writer: writer,
                                            pullsBefore: before.pulls,
                                            meets: before.meets,
                                            pushesAfter: pushes
                                        )
                                    ]
                                }
                        }
                    }
            }
    }

    private static func play(
        _ schedule: [Move],
        people: [ReplicaID],
        schema: RecordSchema,
        actions: (Int, inout WriterMemory) -> [Operation.Action]
    ) -> History {
        var world = World(people, schema: schema)
        for device in people.indices { world.devices[device].memory.writer = device }
        for (index, move) in schedule.enumerated() {
            if move.pullsBefore { world.pull(move.writer) }
            if let other = move.meets { world.meet(move.writer, other, prefix: 0, limit: .max) }
            world.write(move.writer, actions(index, &world.devices[move.writer].memory))
            if move.pushesAfter { world.push(move.writer, losesResponse: false) }
        }
        return world.history
    }

    /// Calls `body` with every history of these steps under this policy.
    func forEach(
        _ policy: PolicyCase,
        steps: [Step],
        schema: RecordSchema,
        bothOrders: Bool = true,
        _ body: (History) -> Void
    ) {
        let count = schedules.first?.count ?? 0
        var words: [[Step]] = [[]]
        for _ in 0..<count { words = words.flatMap { word in steps.map { word + [$0] } } }
        let casts = bothOrders ? [People.four, People.four.reversed()] : [People.four]
        for people in casts {
            for schedule in schedules {
                for word in words {
                    body(
                        SmallHistories.play(schedule, people: people, schema: schema) {
                            word[$0].actions(policy, &$1)
                        }
                    )
                }
            }
        }
    }
}
