/// Where a finding stands.
///
/// An operational word, not the state of a case.
public struct FindingStatus: Word {
    /// The word.
    public var rawValue: String
    /// Takes any word, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Recorded on the spot.
    public static let recorded = FindingStatus(rawValue: "已记录")
    /// Being checked.
    public static let checking = FindingStatus(rawValue: "核查中")
    /// Disposed of; see the disposition.
    public static let handled = FindingStatus(rawValue: "已处置")
    /// Handed to another organ.
    public static let transferred = FindingStatus(rawValue: "已移送")
    /// Closed.
    public static let closed = FindingStatus(rawValue: "已办结")
}
