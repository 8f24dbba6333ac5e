import Replication

/// A copy of a record with what its holder knows: the pair that the laws of ``Mergeable`` speak of.
struct CausalRecord: Mergeable, Hashable, Sendable {
    var knowledge = VersionVector()
    var state = RecordState()
    let schema: RecordSchema

    init(schema: RecordSchema) {
        self.schema = schema
    }

    mutating func merge(_ other: CausalRecord) {
        state.merge(
            other.state,
            knowledge: knowledge,
            otherKnowledge: other.knowledge,
            schema: schema
        )
        knowledge.merge(other.knowledge)
    }

    static func == (lhs: CausalRecord, rhs: CausalRecord) -> Bool {
        lhs.knowledge == rhs.knowledge && lhs.state == rhs.state
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(knowledge)
        hasher.combine(state)
    }
}
