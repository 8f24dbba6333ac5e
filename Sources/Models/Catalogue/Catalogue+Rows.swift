extension Catalogue {
    /// Builds a catalogue of the rows of its files and checks that they belong together.
    ///
    /// A file that is not given counts as empty.
    ///
    /// - Throws: `CatalogueError` with file, line and field for the first value that is wrong, the
    ///   first key that stands twice or names nothing, and the first day on which two versions of
    ///   one matter would be in force.
    public init(
        release: CatalogueRelease,
        rows: [CatalogueFile: [CatalogueRow]]
    ) throws(CatalogueError) {
        func readers(_ file: CatalogueFile) -> [CatalogueRowReader] {
            (rows[file] ?? []).map { CatalogueRowReader(file: file, row: $0) }
        }
        var records = Records()
        for reader in readers(.organs) { records.organs.append(try Organ(reader)) }
        for reader in readers(.towns) { records.towns.append(try Town(reader)) }
        for reader in readers(.retiredCodes) { records.towns.append(try Town(retired: reader)) }
        for reader in readers(.teams) { records.teams.append(try Team(reader)) }
        for reader in readers(.officers) { records.officers.append(try Officer(reader)) }
        for reader in readers(.matters) { records.matters.append(try Matter(reader)) }
        for reader in readers(.waters) { records.waters.append(try Water(reader)) }
        for reader in readers(.closures) { records.closures.append(try Closure(reader)) }
        for reader in readers(.gasChecklist) {
            records.checklistItems.append(try ChecklistItem(reader, checklist: "gas"))
        }
        for reader in readers(.species) { records.species.append(try Species(reader)) }
        self.init(release: release, records: records)
        for file in CatalogueFile.allCases { try check(readers(file)) }
        try checkVersions(readers(.matters))
    }

    /// Checks the keys of one file, and the keys by which it names rows of others.
    private func check(_ readers: [CatalogueRowReader]) throws(CatalogueError) {
        var lines: [String: Int] = [:]
        for reader in readers {
            let key = try reader.text(reader.file.keyColumn)
            let name =
                reader.file == .matters ? key + "@" + (try reader.text("effective_from")) : key
            if let first = lines.updateValue(reader.row.line, forKey: name) {
                throw reader.error(
                    reader.file.keyColumn,
                    "\"\(key)\" stands in line \(first) already; keys differ"
                )
            }
            for reference in reader.file.references {
                let value = reader.optional(reference.column)
                let isKnown =
                    value.isEmpty || reference.words.contains(value)
                    || self.has(value, in: reference.file)
                if !isKnown {
                    throw reader.error(
                        reference.column,
                        "\"\(value)\" is in no row of \(reference.file.rawValue)"
                    )
                }
            }
        }
    }

    private func has(_ key: String, in file: CatalogueFile) -> Bool {
        switch file {
        case .organs: organ(key) != nil
        case .towns: town(key) != nil
        case .teams: team(key) != nil
        case .waters: water(key) != nil
        case .closures: closures.contains { $0.key == key }
        default: false
        }
    }

    private func checkVersions(_ readers: [CatalogueRowReader]) throws(CatalogueError) {
        for reader in readers {
            let row = try Matter(reader)
            guard let from = row.effectiveFrom else { continue }
            if let to = row.effectiveTo, to <= from {
                throw reader.error("effective_to", "\(to) is not after effective_from \(from)")
            }
            let other = versions(of: row.key)
                .first {
                    $0.effectiveFrom != from && $0.isInForce(on: from)
                }
            if let other {
                throw reader.error(
                    "effective_from",
                    "on \(from) the version from \(other.effectiveFrom?.description ?? "") is in "
                        + "force too; end that one on \(from)"
                )
            }
        }
    }
}

extension CatalogueFile {
    /// A column that names rows of a file, or one of some words.
    struct Reference {
        let column: String
        let file: CatalogueFile
        var words: [String] = []
    }

    var keyColumn: String {
        switch self {
        case .towns, .retiredCodes: "code"
        case .officers: "number"
        case .gasChecklist: "item"
        default: "key"
        }
    }

    var references: [Reference] {
        let organ = Reference(column: "organ", file: .organs)
        let town = Reference(column: "town", file: .towns)
        switch self {
        case .organs: return [Reference(column: "parent", file: .organs)]
        case .teams: return [organ, town]
        case .officers: return [organ, town, Reference(column: "team", file: .teams)]
        case .matters, .gasChecklist: return [organ]
        case .closures: return [Reference(column: "water", file: .waters)]
        case .waters:
            let words = ["unknown", "outside", "none"]
            return [Reference(column: "closure_rule", file: .closures, words: words)]
        case .towns, .retiredCodes, .species: return []
        }
    }
}
