public import Replication

/// What one side tells the other of a hub's epochs: how they began, and which numbers the earlier
/// ones gave to changes that later ones had lost.
///
/// Layout:
///
///     births      varint n, then each: epoch 16 bytes, parent 16 bytes (zeros for none),
///                 head varint, records varint
///     numbers     varint n, then each: epoch 16 bytes, replica 8 bytes, varint runs, and each run:
///                 first counter, changes, sequence, entries of each
///
/// It is never empty.
public struct EpochNews: Hashable, Sendable {
    /// Numbers that an epoch gave to changes of one replica.
    public struct Numbers: Hashable, Sendable {
        /// The epoch.
        public var epoch: Epoch
        /// The replica.
        public var replica: ReplicaID
        /// Which of its changes stood where.
        public var runs: [Receipts.Run]

        /// Makes numbers.
        public init(epoch: Epoch, replica: ReplicaID, runs: [Receipts.Run]) {
            self.epoch = epoch
            self.replica = replica
            self.runs = runs
        }
    }

    /// How epochs began.
    public var births: [EpochBirth]
    /// What they gave numbers to.
    public var numbers: [Numbers]

    /// Makes news.
    public init(births: [EpochBirth] = [], numbers: [Numbers] = []) {
        self.births = births
        self.numbers = numbers
    }

    /// All that a store knows.
    package init(of lives: EarlierLives) {
        births = lives.allBirths
        numbers = lives.allNumbers.map {
            Numbers(epoch: $0.epoch, replica: $0.replica, runs: $0.runs)
        }
    }

    /// Whether it says nothing.
    public var isEmpty: Bool { births.isEmpty && numbers.isEmpty }
}

extension EpochNews {
    func encode(into writer: inout ByteWriter) {
        EpochNews.encode(births, into: &writer)
        writer.count(numbers.count)
        for item in numbers {
            EpochNews.encode(item.epoch, into: &writer)
            writer.fixed64(item.replica.rawValue)
            writer.count(item.runs.count)
            for run in item.runs { WireParts.encode(run, into: &writer) }
        }
    }

    static func encode(_ births: [EpochBirth], into writer: inout ByteWriter) {
        writer.count(births.count)
        for birth in births {
            encode(birth.epoch, into: &writer)
            encode(birth.parent, into: &writer)
            writer.unsigned(birth.head)
            writer.unsigned(birth.records)
        }
    }

    static func encode(_ epoch: Epoch?, into writer: inout ByteWriter) {
        writer.fixed64(epoch?.high ?? 0)
        writer.fixed64(epoch?.low ?? 0)
    }

    init(from reader: inout ByteReader, limits: WireLimits) throws(WireError) {
        births = try EpochNews.births(from: &reader, limits: limits)
        numbers = []
        let count = try reader.count(max: limits.changesMax, bytesEach: 29, of: "numbered replicas")
        for _ in 0..<count {
            let epoch = try WireParts.epoch(from: &reader)
            let replica = ReplicaID(try reader.fixed64())
            guard replica.rawValue != 0 else { throw reader.error(.invalid, "replica 0 is none") }
            let runs = try WireParts.runs(from: &reader, limits: limits)
            guard !runs.isEmpty else {
                throw reader.error(.notCanonical, "numbers that say nothing")
            }
            numbers.append(Numbers(epoch: epoch, replica: replica, runs: runs))
        }
        guard !isEmpty else { throw reader.error(.notCanonical, "news that say nothing") }
    }

    static func births(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> [EpochBirth] {
        let count = try reader.count(max: limits.epochsMax, bytesEach: 34, of: "epochs")
        var births: [EpochBirth] = []
        for _ in 0..<count {
            let epoch = try WireParts.epoch(from: &reader)
            let parent = try WireParts.optionalEpoch(from: &reader)
            births.append(
                EpochBirth(
                    epoch: epoch,
                    parent: parent,
                    head: try WireParts.sequence(from: &reader),
                    records: try WireParts.sequence(from: &reader)
                )
            )
        }
        return births
    }
}

extension WireParts {
    static func encode(_ run: Receipts.Run, into writer: inout ByteWriter) {
        writer.unsigned(run.first)
        writer.unsigned(run.count)
        writer.unsigned(run.sequence)
        writer.unsigned(run.entries)
    }

    static func runs(
        from reader: inout ByteReader,
        limits: WireLimits
    ) throws(WireError) -> [Receipts.Run] {
        let count = try reader.count(max: limits.changesMax, bytesEach: 4, of: "receipt runs")
        try reader.expect(count, of: Receipts.Run.self)
        var runs: [Receipts.Run] = []
        for _ in 0..<count {
            let run = Receipts.Run(
                first: try WireParts.counter(from: &reader),
                count: try WireParts.sequence(from: &reader),
                sequence: try WireParts.sequence(from: &reader),
                entries: try WireParts.sequence(from: &reader)
            )
            guard run.count > 0, run.sequence > 0, run.entries > 0,
                let end = run.end, end <= UInt64(Int64.max),
                let last = run.sequenceEnd, last <= UInt64(Int64.max)
            else { throw reader.error(.invalid, "a run of receipts is empty or overflows") }
            runs.append(run)
        }
        return runs
    }
}
