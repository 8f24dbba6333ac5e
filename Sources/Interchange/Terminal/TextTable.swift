/// A table of aligned columns in which Chinese, Latin and emoji keep the columns straight.
///
/// Cells may hold anything: what would steer the terminal is made harmless before it is measured.
public struct TextTable: Sendable {
    /// One column.
    public struct Column: Hashable, Sendable {
        /// The text of the header.
        public let title: String
        /// On which side the cells stand.
        public let alignment: TextAlignment
        /// The most terminal columns it takes; longer cells end in ….
        public let columnsMax: Int
        /// Whether it never gives way to a narrow terminal: what is typed again is of no use cut.
        public let isWhole: Bool

        /// Makes a column.
        public init(
            _ title: String,
            alignment: TextAlignment = .left,
            columnsMax: Int = 4096,
            isWhole: Bool = false
        ) {
            self.title = title
            self.alignment = alignment
            self.columnsMax = max(columnsMax, 1)
            self.isWhole = isWhole
        }
    }

    /// One cell.
    public struct Cell: Hashable, Sendable, ExpressibleByStringLiteral {
        /// The text.
        public let text: String
        /// How it looks where colours are shown.
        public let style: TextStyle

        /// Makes a cell.
        public init(_ text: String, style: TextStyle = .plain) {
            self.text = text
            self.style = style
        }

        /// Makes a plain cell.
        public init(stringLiteral value: String) { self.init(value) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// What stands between two columns.
    private static let gap = "  "

    /// Makes a table without rows.
    public init(columns: [Column]) {
        self.columns = columns
    }

    /// The number of rows.
    public var rowCount: Int { rows.count }

    /// Adds a row; cells that are missing stay empty, cells beyond the columns are left out.
    public mutating func append(_ cells: [Cell]) {
        var row = cells.prefix(columns.count)
            .map {
                Cell(TextWidth.harmless($0.text), style: $0.style)
            }
        while row.count < columns.count { row.append("") }
        rows.append(row)
    }

    /// The lines of the table, each ended by LF, with no space at a line's end.
    ///
    /// When the table is wider than `columnsMax`, the widest column that may be cut gives way first, down
    /// to 4.
    public func text(columnsMax: Int = 4096, isColoured: Bool = false) -> String {
        let widths = fitted(to: columnsMax)
        let header = columns.map { Cell(TextWidth.harmless($0.title), style: .bold) }
        let rule = widths.map { Cell(String(repeating: "-", count: $0), style: .dim) }
        var result = ""
        for row in [header, rule] + rows {
            result += line(row, widths, isColoured)
            result += "\n"
        }
        return result
    }

    private func line(_ row: [Cell], _ widths: [Int], _ isColoured: Bool) -> String {
        // Spaces at the end of the line are left out, so find the last cell that shows something.
        let last = row.lastIndex { !$0.text.isEmpty } ?? 0
        var result = ""
        for (index, cell) in row.enumerated().prefix(last + 1) {
            let column = columns[index]
            let text = TextWidth.truncated(cell.text, to: widths[index])
            let missing = max(widths[index] - TextWidth.columns(of: text), 0)
            let spaces = String(repeating: " ", count: missing)
            let styled = cell.style.applied(to: text, isColoured: isColoured && !text.isEmpty)
            if index > 0 { result += TextTable.gap }
            if column.alignment == .right { result += spaces }
            result += styled
            if column.alignment == .left, index < last { result += spaces }
        }
        return result
    }

    private func fitted(to columnsMax: Int) -> [Int] {
        var widths = columns.map { column in
            min(TextWidth.columns(of: TextWidth.harmless(column.title)), column.columnsMax)
        }
        for row in rows {
            for (index, cell) in row.enumerated() {
                let width = min(TextWidth.columns(of: cell.text), columns[index].columnsMax)
                widths[index] = max(widths[index], width)
            }
        }
        let gaps = TextTable.gap.utf8.count * max(columns.count - 1, 0)
        var excess = widths.reduce(gaps, +) - max(columnsMax, 0)
        while excess > 0 {
            let yielding = widths.indices.filter { !columns[$0].isWhole }
            guard let widest = yielding.max(by: { widths[$0] < widths[$1] }), widths[widest] > 4
            else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
