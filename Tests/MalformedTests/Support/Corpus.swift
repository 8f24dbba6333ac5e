import Foundation

/// Named inputs that must be refused, a folder for each decoder and a list beside it.
///
/// A line of the list: the file, the class of the error, its line and its field or key; `-` for
/// none. What is too large for a file is made by `Bombs`.
enum Corpus {
    /// One input and the error that it must get.
    struct Input: Sendable {
        let name: String
        let expected: Refusal
    }

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Corpus")

    /// The inputs of a decoder, as its list has them.
    static func inputs(of decoder: String) throws -> [Input] {
        let list = try String(contentsOf: folder.appending(path: decoder + ".tsv"), encoding: .utf8)
        return try list.split(separator: "\n")
            .map { line in
                let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
                guard columns.count == 4 else { throw UnreadableLine(text: String(line)) }
                return Input(
                    name: String(columns[0]),
                    expected: Refusal(
                        code: text(columns[1]),
                        line: Int(columns[2]),
                        field: columns[3] == "-" ? nil : text(columns[3])
                    )
                )
            }
    }

    /// The names of the files in a decoder's folder.
    static func files(of decoder: String) throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: decoder).path
            )
        )
    }

    /// The decoders that have a folder.
    static func decoders() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasSuffix(".tsv") }
        )
    }

    static func path(_ decoder: String, _ name: String) -> String {
        folder.appending(path: decoder).appending(path: name).path
    }

    static func bytes(_ decoder: String, _ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(decoder, name))))
    }

    /// A name in a document may hold U+0000 and ESC; the lists write them `\0` and `\e`.
    private static func text(_ column: Substring) -> String {
        String(column).replacing("\\0", with: "\0").replacing("\\e", with: "\u{1B}")
    }

    private struct UnreadableLine: Error {
        let text: String
    }
}

/// What an error says, in the terms of the lists.
struct Refusal: Equatable, Sendable {
    /// The class of the error; `-` where its type has none.
    var code: String
    var line: Int?
    var field: String?
}
