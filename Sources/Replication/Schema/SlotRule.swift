/// How the writes of one slot merge.
struct SlotRule: Hashable, Sendable {
    /// What becomes of concurrent writes.
    let policy: MergePolicy
    /// What a value should be; nil where the schema does not say.
    let kind: FieldKind?

    /// Whether `value` is surpassed by `other` in a slot that shows an extreme.
    ///
    /// What the slot's kind does not admit, and a real that is no finite number, never surpasses
    /// anything, so that one wrong write cannot hide every value that is to come.
    func surpasses(_ other: FieldValue, _ value: FieldValue) -> Bool {
        let (mine, theirs) = (rank(of: value), rank(of: other))
        guard mine == theirs else { return mine < theirs }
        return policy == .minimum || policy == .keepLeast ? other < value : value < other
    }

    private func rank(of value: FieldValue) -> Int {
        if value.isNull { return 1 }
        if case .real(let number) = value, !number.isFinite { return 0 }
        guard let kind else { return 2 }
        return kind.admits(value) ? 2 : 0
    }
}

extension RecordSchema {
    /// How a slot merges; a slot that this schema does not know keeps everything.
    func rule(of slot: SlotKey) -> SlotRule {
        if slot.field == SlotKey.unlisted {
            return SlotRule(
                policy: unlistedFields?.policy ?? .keepSiblings,
                kind: unlistedFields?.kind
            )
        }
        guard let field = field(slot.field) else {
            return SlotRule(policy: .keepSiblings, kind: nil)
        }
        return SlotRule(policy: field.policy, kind: field.kind)
    }
}
