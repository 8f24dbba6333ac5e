public import Replication

extension Replica {
    /// A record; nil when it does not exist or is deleted.
    public func record<Target: Record>(_ reference: Reference<Target>) throws -> Target? {
        try read { try $0.record(reference) }
    }

    /// The records of a type, all or those that a query finds.
    public func records<Target: Record>(
        of type: Target.Type,
        where query: RecordQuery? = nil
    ) throws -> [(reference: Reference<Target>, record: Target)] {
        try read { try $0.all(type, where: query) }
    }

    /// The causal story of a property: who wrote which value, what each had seen, what was decided.
    public func why<Target: Record>(
        _ reference: Reference<Target>,
        _ keyPath: PartialKeyPath<Target>
    ) throws -> Explanation? {
        guard let field = Target.mapping.number(of: keyPath) else { return nil }
        return try read { try $0.why(reference.key, field: field) }
    }

    /// Where the replica stands.
    public func status() throws -> ReplicaStatus { try read { try $0.status() } }
}
