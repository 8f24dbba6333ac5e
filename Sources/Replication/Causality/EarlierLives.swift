/// How an epoch of a hub began.
public struct EpochBirth: Hashable, Sendable {
    /// The epoch.
    public var epoch: Epoch
    /// The epoch that it goes on from; nil for a hub's first.
    public var parent: Epoch?
    /// The last sequence that both have in common.
    public var head: UInt64
    /// The last record number that both have in common.
    public var records: UInt64

    /// Makes a birth.
    public init(epoch: Epoch, parent: Epoch? = nil, head: UInt64 = 0, records: UInt64 = 0) {
        self.epoch = epoch
        self.parent = parent
        self.head = head
        self.records = records
    }
}

/// What a store knows of the epochs that its hub had before, and of the numbers that they gave.
///
/// A hub that was restored from a backup gives numbers again that it had given before to others. So
/// a number is one of an epoch, and so is a context's base. Two epochs have in common what stood
/// before they parted (`shared`). A change that came back after a restore has a number in each epoch
/// that numbered it, and
///
/// *a context (epoch e, base b) has seen a change by its number if and only if one of the change's
/// numbers (epoch g, number n) has n ≤ b and n ≤ shared(e, g).*
///
/// Nothing is rewritten: a change stays what its author made it.
public struct EarlierLives: Hashable, Sendable {
    /// How long a chain of epochs may be; a longer one is taken to have nothing in common.
    private static let chainMax = 1_000

    /// What two epochs have in common.
    public struct Shared: Hashable, Sendable {
        /// Sequences up to this one.
        public var head: UInt64
        /// Record numbers up to this one.
        public var records: UInt64

        /// Nothing.
        public static let nothing = Shared(head: 0, records: 0)
    }

    private var births: [Epoch: EpochBirth] = [:]
    private var numbers: [Epoch: [ReplicaID: Receipts]] = [:]

    /// Makes a store's knowledge of nothing.
    public init() {}

    /// Whether the hub has had one epoch only, as far as is known.
    public var isEmpty: Bool { births.count < 2 && numbers.isEmpty }

    /// How the known epochs began, in a fixed order.
    public var allBirths: [EpochBirth] {
        births.values.sorted {
            ($0.epoch.high, $0.epoch.low) < ($1.epoch.high, $1.epoch.low)
        }
    }

    /// The numbers that epochs gave, in a fixed order.
    public var allNumbers: [(epoch: Epoch, replica: ReplicaID, runs: [Receipts.Run])] {
        numbers
            .sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
            .flatMap { epoch, replicas in
                replicas.sorted { $0.key < $1.key }.map { (epoch, $0.key, $0.value.runs) }
            }
    }

    /// Whether it is known how this epoch began.
    public func knows(_ epoch: Epoch) -> Bool { births[epoch] != nil }

    /// Notes how an epoch began; what was told first stays.
    ///
    /// - Returns: whether that is news.
    @discardableResult
    public mutating func add(_ birth: EpochBirth) -> Bool {
        guard births[birth.epoch] == nil else { return false }
        births[birth.epoch] = birth
        return true
    }

    /// Notes which numbers an epoch gave to a replica's changes.
    ///
    /// - Returns: whether that is news.
    @discardableResult
    public mutating func add(
        _ run: Receipts.Run,
        of replica: ReplicaID,
        in epoch: Epoch
    ) throws(Receipts.Refusal) -> Bool {
        var receipts = numbers[epoch]?[replica] ?? Receipts()
        let before = receipts
        try receipts.append(run, allowingGap: true)
        guard receipts != before else { return false }
        numbers[epoch, default: [:]][replica] = receipts
        return true
    }

    /// The numbers that an epoch gave to a replica's changes.
    public func numbers(of replica: ReplicaID, in epoch: Epoch) -> Receipts {
        numbers[epoch]?[replica] ?? Receipts()
    }

    /// The number that an earlier epoch gave to this change; nil for none.
    public func number(of dot: Dot, in epoch: Epoch?) -> UInt64? {
        epoch.flatMap { numbers[$0]?[dot.replica]?.sequence(of: dot.counter) }
    }

    /// The highest number that an earlier epoch gave to this change; nil for none.
    public func lastNumber(of dot: Dot) -> UInt64? {
        numbers.values.compactMap { $0[dot.replica]?.sequence(of: dot.counter) }.max()
    }

    /// Whether an earlier epoch had numbered this change.
    public func hasNumbered(_ dot: Dot) -> Bool {
        numbers.contains { $0.value[dot.replica]?.sequence(of: dot.counter) != nil }
    }

    /// What two epochs have in common: all that stood when the first of their ways parted; nil where
    /// nothing says that they are of one hub.
    public func shared(_ one: Epoch, _ other: Epoch) -> Shared? {
        let all = Shared(head: .max, records: .max)
        guard one != other else { return all }
        // Nearly always one goes on from the other.
        for (child, parent) in [(one, other), (other, one)] {
            guard let birth = births[child], birth.parent == parent else { continue }
            return Shared(head: birth.head, records: birth.records)
        }
        var ways: [Epoch: Shared] = [:]
        var way = Optional(one)
        var common = all
        while let epoch = way, ways.count < Self.chainMax, ways[epoch] == nil {
            ways[epoch] = common
            way = step(from: epoch, &common)
        }
        way = other
        common = all
        for _ in 0..<Self.chainMax {
            guard let epoch = way else { break }
            if let found = ways[epoch] {
                return Shared(
                    head: min(found.head, common.head),
                    records: min(found.records, common.records)
                )
            }
            way = step(from: epoch, &common)
        }
        return nil
    }

    private func step(from epoch: Epoch, _ common: inout Shared) -> Epoch? {
        guard let birth = births[epoch] else { return nil }
        common.head = min(common.head, birth.head)
        common.records = min(common.records, birth.records)
        return birth.parent
    }

    /// Whether a context has seen a change by its numbers.
    ///
    /// - `sequence`: the change's number in the epoch `current`; nil for none.
    public func isSeen(
        _ dot: Dot,
        by context: CausalContext,
        sequence: UInt64?,
        in current: Epoch?
    ) -> Bool {
        // The base of a blind entry says nothing of its record, whatever the epoch.
        guard context.base > 0, context.onlySeen == nil else { return false }
        let epoch = context.epoch ?? current
        func isSeen(_ number: UInt64, of other: Epoch?) -> Bool {
            guard number <= context.base else { return false }
            guard let epoch, let other, epoch != other else { return true }
            return number <= shared(epoch, other)?.head ?? 0
        }
        if let sequence, isSeen(sequence, of: current) { return true }
        return numbers.contains { other, replicas in
            replicas[dot.replica]?.sequence(of: dot.counter).map { isSeen($0, of: other) } ?? false
        }
    }
}
