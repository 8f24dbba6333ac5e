import Replication

/// Which findings may be one event seen twice: a suggestion, never a merge.
public enum DuplicateScreen {
    /// The greatest distance, in metres.
    public static let metresMax = 150.0
    /// The greatest difference in time, in milliseconds: ten minutes.
    public static let millisecondsMax: Int64 = 600_000

    /// Whether two findings may be one: at most 150 m and ten minutes apart, in one field of law.
    ///
    /// Satellite times are compared where both have one, because device clocks go wrong by hours.
    public static func isSuggested(
        _ one: Finding,
        _ other: Finding,
        in catalogue: Catalogue
    ) -> Bool {
        guard let place = one.position, let otherPlace = other.position,
            place.datum == otherPlace.datum, place.metres(to: otherPlace) <= metresMax,
            let domain = catalogue.versions(of: one.matter).first?.domain,
            domain == catalogue.versions(of: other.matter).first?.domain
        else { return false }
        let times: (WallTime?, WallTime?) =
            one.gnssTime == nil || other.gnssTime == nil
            ? (one.observedAt, other.observedAt) : (one.gnssTime, other.gnssTime)
        guard let time = times.0?.milliseconds, let otherTime = times.1?.milliseconds else {
            return false
        }
        let (difference, overflow) = time.subtractingReportingOverflow(otherTime)
        return !overflow && difference.magnitude <= millisecondsMax.magnitude
    }
}
