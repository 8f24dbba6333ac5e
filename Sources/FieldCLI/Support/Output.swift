import Foundation
import Interchange
import Synchronization

/// Where everything goes that a command says: results to standard output, the rest to standard error.
struct Output: Sendable {
    /// Whether results are JSON for programs.
    let isJSON: Bool
    /// Whether results are coloured.
    let isColoured: Bool
    /// The columns of the terminal; very many when there is none.
    let columnCount: Int

    /// The first failure to write standard output; the run ends with it.
    private static let lost = Mutex<WriteFailure?>(nil)

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
    ///
    /// What would steer the terminal is made harmless: titles and remarks come from other people.
    func line(_ text: String = "", style: TextStyle = .plain) {
        guard !isJSON else { return }
        let text = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TextWidth.harmless(String($0)) }.joined(separator: "\n")
        Output.write(style.applied(to: text, isColoured: isColoured) + "\n", to: STDOUT_FILENO)
    }

    /// Writes a table, or the note when it has no rows.
    func table(_ table: TextTable, whenEmpty note: String) {
        guard !isJSON else { return }
        if table.rowCount == 0 { return line(note, style: .dim) }
        Output.write(
            table.text(columnsMax: columnCount, isColoured: isColoured),
            to: STDOUT_FILENO
        )
    }

    /// Writes the result for programs; nothing when the result is for people.
    func json(_ value: @autoclosure () throws -> JSONValue) rethrows {
        guard isJSON else { return }
        Output.write(JSONWriter(style: .pretty).text(of: try value()) + "\n", to: STDOUT_FILENO)
    }

    /// Writes a remark that is no part of the result.
    func remark(_ text: String) { Output.remark(text) }

    /// Writes a remark to standard error.
    static func remark(_ text: String) {
        let text = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TextWidth.harmless(String($0)) }.joined(separator: "\n")
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes bytes as they are to standard output.
    static func raw(_ bytes: [UInt8]) throws {
        do { try FileSink.write(bytes[...], to: STDOUT_FILENO) } catch {
            guard error.code != EPIPE else { return }
            throw error
        }
    }

    /// Writes text to one of the streams; a failure of the result's stream is kept for the end.
    static func write(_ text: String, to descriptor: Int32) {
        do { try FileSink.write(Array(text.utf8)[...], to: descriptor) } catch {
            // A reader that has gone away is no fault of the command.
            guard error.code != EPIPE, descriptor == STDOUT_FILENO else { return }
            lost.withLock { if $0 == nil { $0 = error } }
        }
    }

    /// Throws where some of the result could not be written.
    static func checkDelivered() throws {
        if let failure = lost.withLock({ $0 }) { throw failure }
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

/// The system's refusal to write.
struct WriteFailure: Error, CustomStringConvertible {
    /// The system's number of the error.
    let code: Int32

    var description: String { String(cString: strerror(code)) }
}
