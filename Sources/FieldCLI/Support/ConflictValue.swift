import Models
import Replication
import SyncCore

/// Reads the value by which an officer decides a conflict.
struct ConflictValue {
    private let conflict: OpenConflict
    private let context: CommandContext
    private let catalogue: Catalogue
    private let parser: FieldParser

    init(_ conflict: OpenConflict, _ context: CommandContext, takesAnyWord: Bool) throws {
        self.conflict = conflict
        self.context = context
        catalogue = try context.catalogue()
        var parser = FieldParser(catalogue: catalogue)
        parser.checksWords = !takesAnyWord
        parser.resolve = context.resolve
        self.parser = parser
    }

    /// Reads a value: for a void or deletion whether it stands, for a group all of it.
    func value(_ text: String) throws -> FieldValue {
        guard case .slot(let slot) = conflict.conflict.subject else {
            return .boolean(try ConflictValue.endsRecord(text))
        }
        guard let group = conflict.schema.group(of: slot.field) else {
            guard let field = conflict.schema.field(slot.field) else { return .text(text) }
            return try read(text, field)
        }
        return .group(try members(text, of: group))
    }

    /// Whether a word says that the record is to end.
    private static func endsRecord(_ text: String) throws -> Bool {
        switch text.lowercased() {
        case "void", "delete", "作废", "删除": return true
        case "keep", "保留": return false
        default: throw Failure.input(Messages.field("--value", Messages.noEnding(text)))
        }
    }

    private func read(_ text: String, _ field: FieldSchema) throws -> FieldValue {
        do { return try parser.value(text, of: field, in: conflict.schema) } catch {
            throw Failure.input(Messages.field("--value", error.description))
        }
    }

    private func members(_ text: String, of group: [UInt32]) throws -> [FieldValue] {
        let fields = group.compactMap { conflict.schema.field($0) }
        let names = fields.map(\.name)
        if names.first == "matter", !text.contains(",") { return try matter(text, fields) }
        let texts =
            names.first == "latitude" && text.split(separator: ",").count == 2
            ? try place(text, names)
            : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        // What is not given is not known; the first of the group must be.
        guard texts.count <= fields.count, texts.first?.isEmpty == false else {
            throw Failure.input(Messages.needsGroup(names))
        }
        return try fields.enumerated()
            .map { try $0.offset < texts.count ? read(texts[$0.offset], $0.element) : .null }
    }

    /// A place as everywhere: longitude first.
    private func place(_ text: String, _ names: [String]) throws -> [String] {
        let place = try ArgumentText.place(text)
        return names.map { name in
            switch name {
            case "latitude": place.latitude
            case "longitude": place.longitude
            case "datum": GeodeticDatum.wgs84.rawValue
            default: ""
            }
        }
    }

    /// The key decides; version and catalogue are those of the day of the act and of this device.
    private func matter(_ key: String, _ fields: [FieldSchema]) throws -> [FieldValue] {
        _ = try fields.first.map { try read(key, $0) }
        let finding = try context.replica.record(Reference<Finding>(conflict.record.id))
        guard let day = finding?.actDay else {
            throw Failure.input(Messages.needsGroup(fields.map(\.name)))
        }
        guard let matter = catalogue.matter(key, on: day) else {
            let versions = Array(catalogue.versions(of: key))
            throw Failure.input(Messages.matterNotInForce(key, day, versions))
        }
        return fields.map { field in
            switch field.name {
            case "matter": .text(key)
            case "matterVersion": matter.effectiveFrom.fieldValue
            default: .text(catalogue.release.hash)
            }
        }
    }
}
