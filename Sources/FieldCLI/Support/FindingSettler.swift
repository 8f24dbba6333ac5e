import Foundation
import Models
import Replication
import SyncCore

/// Brings findings up to what the rules say, after writes that no single device saw together.
struct FindingSettler {
    let replica: Replica
    let catalogue: Catalogue

    /// Why, in the log.
    static let reason = "screen"
    /// Above this many touched records every finding that the rules could flag is looked at instead.
    private static let touchedMax = 2_000

    init(_ context: CommandContext, catalogue: Catalogue? = nil) throws {
        replica = context.replica
        self.catalogue = try catalogue ?? context.catalogue()
    }

    /// Settles the findings that these records are or belong to.
    ///
    /// - Returns: the findings whose flag was raised.
    @discardableResult
    func settle(_ records: [RecordKey]) throws -> [RecordKey] {
        let rules = FindingRules(catalogue)
        let work = try replica.read { reading in
            try findings(of: records, reading)
                .compactMap { key -> (key: RecordKey, edits: [Edit], isRaised: Bool)? in
                    guard let view = try reading.view(key) else { return nil }
                    let parts = try FindingParts(of: key, in: reading)
                    let edits = rules.settlement(of: view, parts)
                    let isRaised = !Finding.mapping.record(from: view).suspectedCrime
                    return edits.isEmpty ? nil : (key, edits, isRaised)
                }
        }
        try replica.writeAll(work, reason: FindingSettler.reason) { item, transaction in
            try transaction.edit(item.key, item.edits)
        }
        return work.filter(\.isRaised).map(\.key)
    }

    /// Settles what came since the store was last settled.
    ///
    /// How many entries the log then had stands in a file beside the store, so that what a killed
    /// process had received and not settled is settled by the next exchange.
    ///
    /// - Parameter arrived: how many entries came now; the log may have lost others, which left.
    /// - Returns: the findings whose flag was raised.
    /// - Throws: `StoreError`, or the system's error where the file cannot be written.
    @discardableResult
    func settleArrivals(_ arrived: Int = 0) throws -> [RecordKey] {
        let path = replica.folder + "/settled"
        let mark = FileManager.default.contents(atPath: path)
            .flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        let entries = try replica.status().entries
        let raised = try settle(lastEntries: max(entries - (mark ?? 0), arrived))
        let after = try replica.status().entries
        if mark != after {
            try Data(String(after).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        }
        return raised
    }

    private func settle(lastEntries count: Int) throws -> [RecordKey] {
        guard count > 0 else { return [] }
        let records = try replica.read { reading in
            count > FindingSettler.touchedMax
                ? try candidates(reading)
                : try reading.log(limit: count).map(\.entry.record)
        }
        return try settle(records)
    }

    /// The findings of these records, each once, in the order in which they first stand there.
    private func findings(of records: [RecordKey], _ reading: Reading) throws -> [RecordKey] {
        var seen: Set<RecordKey> = []
        return try records.compactMap { record -> RecordKey? in
            guard seen.insert(record).inserted else { return nil }
            if record.type == Finding.mapping.schema.number { return record }
            guard let schema = FindingParts.schemas.first(where: { $0.number == record.type }),
                let field = schema.field(named: "finding"), let view = try reading.view(record),
                case .reference(let finding) = view.value(of: field.number, in: schema),
                seen.insert(finding).inserted
            else { return nil }
            return finding
        }
    }

    /// Every finding without the flag that a rule could raise it on: in a named water, by a method
    /// that is a crime, or with banned gear.
    private func candidates(_ reading: Reading) throws -> [RecordKey] {
        let schema = Finding.mapping.schema
        var waters = RecordQuery(schema)
        waters.conditions = [
            .oneOf("water", catalogue.waters.map { .text($0.key) })
        ]
        var methods = RecordQuery(schema)
        methods.conditions = [.oneOf("method", CrimeScreen.destructive.map(\.fieldValue))]
        var flagged = RecordQuery(schema)
        flagged.conditions = [.equals("suspectedCrime", .boolean(true))]
        return try reading.records(waters) + reading.records(methods) + reading.records(flagged)
            + reading.records(RecordQuery(GearItem.mapping.schema))
    }
}

extension FindingParts {
    /// Reads what a store has of a finding.
    init(of finding: RecordKey, in reading: Reading) throws {
        self.init()
        for schema in FindingParts.schemas {
            var query = RecordQuery(schema)
            query.conditions = [.equals("finding", .reference(finding))]
            for key in try reading.records(query) {
                if let view = try reading.view(key) { append(view, type: schema.number) }
            }
        }
    }
}
