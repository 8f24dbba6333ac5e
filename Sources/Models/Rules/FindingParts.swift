public import Replication

/// The records of a finding that the rules look at; leave out what is void.
public struct FindingParts: Hashable, Sendable {
    /// The lines of the catch.
    public var catchLines: [CatchLine] = []
    /// What was measured.
    public var measurements: [Measurement] = []
    /// The gear that was seen.
    public var gear: [GearItem] = []
    /// The persons and organisations.
    public var parties: [Party] = []

    /// No records.
    public init() {}

    /// Takes a record that the rules look at, by what is shown of it; leaves other records.
    public mutating func append(_ view: RecordView, type: UInt32) {
        guard view.lifecycle == .live || view.lifecycle == .disputed else { return }
        switch type {
        case CatchLine.mapping.schema.number:
            catchLines.append(CatchLine.mapping.record(from: view))
        case Measurement.mapping.schema.number:
            measurements.append(Measurement.mapping.record(from: view))
        case GearItem.mapping.schema.number: gear.append(GearItem.mapping.record(from: view))
        case Party.mapping.schema.number: parties.append(Party.mapping.record(from: view))
        default: break
        }
    }

    /// The types that the rules look at; each names its finding in a field `finding`.
    public static let schemas: [RecordSchema] = [
        CatchLine.mapping.schema, Measurement.mapping.schema, GearItem.mapping.schema,
        Party.mapping.schema,
    ]
}
