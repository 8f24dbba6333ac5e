import Replication

/// Every small history: who writes next and who talks to the hub before and after, exhaustively.
///
/// Schedules that come to the same causal structure are counted once. Each structure is played by
/// replicas whose ids grow and by replicas whose ids fall in the order in which they first write,
/// since ids break ties.
struct SmallHistories {
    /// One event: its writer, whether the writer pulls first and pushes after.
    struct Move: Hashable {
        var writer: Int
        var pullsBefore: Bool
        var pushesAfter: Bool
    }

    let schedules: [[Move]]

    init(events: Int, replicas: Int = 3) {
        var seen: Set<[[ReplicaID: UInt64]]> = []
        var result: [[Move]] = []
        for schedule in SmallHistories.schedules(events, replicas) {
            let history = SmallHistories.play(
                schedule,
                people: People.four,
                schema: PolicyCase.schema(),
                actions: { _, _ in [.create] }
            )
            if seen.insert(history.events.map(\.seen)).inserted { result.append(schedule) }
        }
        schedules = result
    }

    private static func schedules(_ events: Int, _ replicas: Int) -> [[Move]] {
        guard events > 0 else { return [[]] }
        return schedules(events - 1, replicas)
            .flatMap { start -> [[Move]] in
                let writers = min(replicas, (start.map(\.writer).max() ?? -1) + 2)
                return (0..<writers)
                    .flatMap { writer in
                        [(false, false), (false, true), (true, false), (true, true)]
                            .map {
                                start + [Move(writer: writer, pullsBefore: $0.0, pushesAfter: $0.1)]
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
