import Foundation
import Interchange

/// Where everything goes that a command says: results to standard output, the rest to standard error.
struct Output: Sendable {
    /// Whether results are JSON for programs.
    let isJSON: Bool
    /// Whether results are coloured.
    let isColoured: Bool
    /// The columns of the terminal; very many when there is none.
    let columnCount: Int

    init(isJSON: Bool, wantsColour: Bool) {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDOUT_FILENO) == 1
        self.isJSON = isJSON
        isColoured =
            wantsColour && isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
            && environment["TERM"] != "dumb"
        columnCount = isTerminal ? Output.terminalColumns(STDOUT_FILENO) : 4096
    }

    /// Writes a line of the result for people; nothing when the result is JSON.
    func line(_ text: String = "", style: TextStyle = .plain) {
        guard !isJSON else { return }
        Output.write(style.applied(to: text, isColoured: isColoured) + "\n", to: .standardOutput)
    }

    /// Writes a table, or the note when it has no rows.
    func table(_ table: TextTable, whenEmpty note: String) {
        guard !isJSON else { return }
        if table.rowCount == 0 { return line(note, style: .dim) }
        Output.write(
            table.text(columnsMax: columnCount, isColoured: isColoured),
            to: .standardOutput
        )
    }

    /// Writes the result for programs; nothing when the result is for people.
    func json(_ value: @autoclosure () throws -> JSONValue) rethrows {
        guard isJSON else { return }
        Output.write(JSONWriter(style: .pretty).text(of: try value()) + "\n", to: .standardOutput)
    }

    /// Writes a remark that is no part of the result.
    func remark(_ text: String) { Output.remark(text) }

    /// Writes a remark to standard error.
    static func remark(_ text: String) { write(text + "\n", to: .standardError) }

    /// Writes bytes as they are to standard output.
    static func raw(_ bytes: [UInt8]) {
        try? FileHandle.standardOutput.write(contentsOf: Data(bytes))
    }

    /// Writes text to one of the streams.
    static func write(_ text: String, to handle: FileHandle) {
        // A reader that has gone away is no fault of the command.
        try? handle.write(contentsOf: Data(text.utf8))
    }

    /// The width of the terminal behind a descriptor.
    static func terminalColumns(_ descriptor: Int32) -> Int {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80
    }
}
