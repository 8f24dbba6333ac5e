extension RecordState {
    /// Whether the record plainly exists and nothing is concurrent: no conflict can be open.
    public var isSettled: Bool {
        marks.count == 1 && marks[0].kind.isAlive && seals.count < 2
            && slots.allSatisfy { $0.siblings.count < 2 }
    }

    /// Whether the record is deleted and the hub has said that nobody may bring it back.
    public var isClosed: Bool { isEndedAlone && marks.contains { $0.kind == .close } }

    /// Whether the record is deleted and its content was collected.
    public var isCollected: Bool { isEndedAlone && marks.contains { $0.kind == .collect } }

    /// Whether the record has ended and nobody stands against it.
    private var isEndedAlone: Bool {
        marks.contains { $0.kind.isEnd }
            && !marks.contains { $0.kind.isAlive || $0.contest != nil }
    }
}
