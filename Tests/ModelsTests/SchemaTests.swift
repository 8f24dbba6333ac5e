import Foundation
import Models
import Replication
import Testing

@Suite struct SchemaTests {
    @Test func `The schema does not contradict itself`() throws {
        let schema = try District.makeSchema()
        #expect(schema == District.schema)
        #expect(schema.timeZoneMinutes == 480)
    }

    @Test func `Numbers, names, kinds and policies are those of the frozen listing`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/schema.txt")
        let frozen = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .map(String.init)
        let actual = SchemaListing.lines(of: District.schema)
        let gone = frozen.filter { !actual.contains($0) }
        let new = actual.filter { !frozen.contains($0) }
        #expect(
            frozen == actual,
            """
            A published number keeps its meaning for ever. Add what is new to Fixtures/schema.txt; \
            never change what stands there.
            gone: \(gone.joined(separator: " | "))
            new: \(new.joined(separator: " | "))
            """
        )
    }

    @Test func `Only the hub writes the catalogue, and every device gets it`() {
        let names = [
            "organ", "town", "officer", "team", "matter", "water", "closure", "catalogueRelease",
            "checklistItem", "species",
        ]
        for name in names {
            let record = District.schema.record(named: name)
            #expect(record?.scope == .everyone)
            #expect(record?.fields.allSatisfy { $0.policy == .hubOnly } == true, "\(name)")
        }
    }

    @Test func `What is found on the spot states legal facts`() {
        let expected = [
            "patrol", "leg", "trackSegment", "finding", "party", "measurement", "seizedItem",
            "evidence", "note", "catchLine", "gearItem",
        ]
        let actual = District.schema.records.filter(\.isLegalFact).map(\.name)
        #expect(actual == expected)
    }

    @Test func `Evidence alone is voided by no device`() {
        #expect(District.schema.records.filter { !$0.isVoidable }.map(\.name) == ["evidence"])
    }

    @Test func `No derived figure is stored`() {
        for name in ["closedArea", "closedSeason", "isThreeNo", "distance", "evidenceCount"] {
            #expect(District.schema.records.allSatisfy { $0.field(named: name) == nil })
        }
    }
}

/// The schema as lines of text, one a type, field, group and rule.
enum SchemaListing {
    static func lines(of schema: Schema) -> [String] {
        schema.records.flatMap { record -> [String] in
            var head = "\(record.number) \(record.name) \(scope(record.scope))"
            if record.isLegalFact { head += " legalFact" }
            if !record.isVoidable { head += " neverVoidedByDevices" }
            if let place = record.place { head += " place(\(place.latitude),\(place.longitude))" }
            return [head]
                + record.fields.map { field in
                    "\(record.number).\(field.number) \(field.name) \(field.kind)"
                        + " \(policy(field.policy))"
                        + " \(query(field.query))"
                }
                + record.groups.map { "\(record.number) group \($0)" }
        }
    }

    private static func policy(_ policy: MergePolicy) -> String {
        switch policy {
        case .text(.siblings): "text(siblings)"
        case .text(.concatenate): "text(concatenate)"
        default: "\(policy)"
        }
    }

    private static func scope(_ rule: RecordSchema.ScopeRule) -> String {
        switch rule {
        case .everyone: "everyone"
        case .fields(let numbers): "fields\(numbers)"
        case .parent(let number): "parent(\(number))"
        }
    }

    private static func query(_ traits: FieldSchema.QueryTraits) -> String {
        var names: [String] = []
        if traits.contains(.indexed) { names.append("indexed") }
        if traits.contains(.searchable) { names.append("searchable") }
        if traits.contains(.column) { names.append("column") }
        return names.isEmpty ? "-" : names.joined(separator: "+")
    }
}
