import Replication

/// The files that a catalogue is built from.
public enum CatalogueFile: String, CaseIterable, Sendable {
    /// The bodies of the district.
    case organs = "organs.csv"
    /// The streets, towns and townships.
    case towns = "towns.csv"
    /// The codes that are retired, with their successors.
    case retiredCodes = "retired-codes.csv"
    /// The teams.
    case teams = "teams.csv"
    /// The officers.
    case officers = "officers.csv"
    /// The matters of enforcement, a row for each version.
    case matters = "matters.csv"
    /// The waters.
    case waters = "waters.csv"
    /// The closed areas and seasons.
    case closures = "closures.csv"
    /// The checklist for bottled gas.
    case gasChecklist = "gas-checklist.csv"
    /// The protected species.
    case species = "species.csv"
}

/// One row of a catalogue file: the values by the names of the header.
public struct CatalogueRow: Hashable, Sendable {
    /// The line of the file that the row begins on, for messages.
    public let line: Int
    /// The values by the names of the header.
    public let values: [String: String]

    /// Makes a row.
    public init(line: Int, values: [String: String]) {
        self.line = line
        self.values = values
    }
}

/// A catalogue that cannot be built: which file, line and field, and what would be right.
public struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let file: CatalogueFile
    /// The line, where one is at fault.
    public let line: Int?
    /// The column, where one is at fault.
    public let field: String?
    /// What is wrong and what would be right.
    public let problem: String

    init(_ file: CatalogueFile, _ line: Int?, _ field: String?, _ problem: String) {
        self.file = file
        self.line = line
        self.field = field
        self.problem = problem
    }

    /// `file:line: field: problem`.
    public var description: String {
        file.rawValue + (line.map { ":\($0)" } ?? "") + (field.map { ": \($0)" } ?? "")
            + ": \(problem)"
    }
}

/// Reads the typed values of one row.
struct CatalogueRowReader {
    let file: CatalogueFile
    let row: CatalogueRow

    func error(_ field: String, _ problem: String) -> CatalogueError {
        CatalogueError(file, row.line, field, problem)
    }

    func text(_ field: String) throws(CatalogueError) -> String {
        guard let value = row.values[field] else {
            let known = row.values.keys.sorted().joined(separator: ", ")
            throw error(field, "this column is missing; the header has \(known)")
        }
        return value
    }

    func required(_ field: String) throws(CatalogueError) -> String {
        let value = try text(field)
        if value.isEmpty { throw error(field, "is empty; every row needs it") }
        return value
    }

    /// The text of a column that older files have not.
    func optional(_ field: String) -> String { row.values[field] ?? "" }

    func day(_ field: String) throws(CatalogueError) -> CivilDate? {
        let value = try text(field)
        if value.isEmpty { return nil }
        guard let day = CivilDate(value) else {
            throw error(field, "\"\(value)\" is no day; write YYYY-MM-DD, as 2026-05-01")
        }
        return day
    }

    func monthDay(_ field: String) throws(CatalogueError) -> MonthDay? {
        let value = try text(field)
        if value.isEmpty { return nil }
        guard let day = MonthDay(value) else {
            throw error(field, "\"\(value)\" is no day of the year; write MM-DD, as 03-01")
        }
        return day
    }

    func integer(_ value: String, _ field: String) throws(CatalogueError) -> Int64? {
        if value.isEmpty { return nil }
        guard let number = Int64(value), number >= 0 else {
            throw error(field, "\"\(value)\" is no whole number from 0; write digits only")
        }
        return number
    }

    func flag(_ field: String) throws(CatalogueError) -> Bool {
        let value = try text(field)
        guard let flag = Bool(value) else {
            throw error(field, "\"\(value)\" is neither true nor false")
        }
        return flag
    }

    /// Yes, no, or nil while nobody knows; a column that older files have not.
    func answer(_ field: String) throws(CatalogueError) -> Bool? {
        switch optional(field) {
        case "", "unknown": return nil
        case "true": return true
        case "false": return false
        case let value: throw error(field, "\"\(value)\" is none of true, false, unknown")
        }
    }

    func degrees(_ field: String, limit: Int64) throws(CatalogueError) -> ScaledDecimal? {
        let value = optional(field)
        if value.isEmpty { return nil }
        do throws(DecimalTextError) {
            let degrees = try DecimalText.parse(value, scale: Position.degreeScale)
            guard degrees.units.magnitude <= UInt64(limit) * 10_000_000 else {
                throw DecimalTextError(value, .tooLarge)
            }
            return degrees
        } catch {
            throw self.error(field, "\(error); write degrees within ±\(limit)")
        }
    }

    func certainty() throws(CatalogueError) -> Certainty {
        let known: [Certainty] = [.stated, .lookedUp, .assumed, .uncertain]
        let value = Certainty(try required("certainty"))
        guard known.contains(value) else {
            throw error(
                "certainty",
                "\"\(value)\" is none of \(known.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return value
    }
}
