/// What is wrong with a text or file that was read, or with a value that was to be written.
///
/// It says where (line, column, field) as far as that is known, and what would be right, so that
/// the person who holds the file can mend it. Excerpts of the input in the message are short and
/// have no control characters: an error is safe to show on a terminal.
public struct InterchangeError: Error, Hashable, Sendable {
    /// The class of fault, for callers that decide by it.
    public let code: Code
    /// What is wrong, in one sentence without a full stop.
    public let message: String
    /// The line, from 1, when the input has lines.
    public let line: Int?
    /// The column, from 1, in Unicode scalars.
    public let column: Int?
    /// The field, element or path that is wrong.
    public let field: String?
    /// What would be right.
    public let expected: String

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        expected: String,
        line: Int? = nil,
        column: Int? = nil,
        field: String? = nil
    ) {
        self.code = code
        self.message = message
        self.expected = expected
        self.line = line
        self.column = column
        self.field = field
    }

    /// The same error with a place filled in where it had none.
    public func at(
        line: Int? = nil,
        column: Int? = nil,
        field: String? = nil
    ) -> InterchangeError {
        InterchangeError(
            code,
            message,
            expected: expected,
            line: self.line ?? line,
            column: self.column ?? column,
            field: self.field ?? field
        )
    }
}

extension InterchangeError {
    /// The class of a fault.
    public struct Code: Hashable, Sendable {
        private enum Kind: String, Hashable, Sendable {
            case malformed, truncated, trailingData, invalidEncoding, forbiddenCharacter
            case duplicate, missing, mismatch, outOfRange, limitExceeded, unsupported
            case unrepresentable
        }

        private let kind: Kind

        /// The input breaks the grammar of its format.
        public static let malformed = Code(kind: .malformed)
        /// The input ends in the middle of something.
        public static let truncated = Code(kind: .truncated)
        /// Something follows where the input should have ended.
        public static let trailingData = Code(kind: .trailingData)
        /// The bytes are not UTF-8.
        public static let invalidEncoding = Code(kind: .invalidEncoding)
        /// A character that the format or the product does not admit, such as U+0000.
        public static let forbiddenCharacter = Code(kind: .forbiddenCharacter)
        /// A key, name or element that may stand once stands twice.
        public static let duplicate = Code(kind: .duplicate)
        /// Something required is not there.
        public static let missing = Code(kind: .missing)
        /// Two things that must agree do not.
        public static let mismatch = Code(kind: .mismatch)
        /// A number or date is outside what is possible.
        public static let outOfRange = Code(kind: .outOfRange)
        /// The input is larger or deeper than the limits that were set.
        public static let limitExceeded = Code(kind: .limitExceeded)
        /// The input is valid but of a version or kind that is not read here.
        public static let unsupported = Code(kind: .unsupported)
        /// The value cannot be written in this format so that it reads back the same.
        public static let unrepresentable = Code(kind: .unrepresentable)
    }
}

extension InterchangeError.Code: CustomStringConvertible {
    /// The name of the code.
    public var description: String { kind.rawValue }
}

extension InterchangeError: CustomStringConvertible {
    /// `line 3, column 5, field "lat": message; expected …`.
    public var description: String {
        var place: [String] = []
        if let line { place.append("line \(line)") }
        if let column { place.append("column \(column)") }
        if let field { place.append("field \"\(field)\"") }
        let prefix = place.isEmpty ? "" : place.joined(separator: ", ") + ": "
        return prefix + message + "; expected " + expected
    }
}
