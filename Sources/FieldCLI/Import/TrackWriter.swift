import Models
import Replication
import SyncCore

/// Adds points to a leg's track: only those that are not there yet.
///
/// A log that is read again after it grew adds what it grew by. Segments are named by their points,
/// so that two devices that read one file make the same records.
struct TrackWriter {
    /// What was added.
    struct Outcome {
        /// The points of the file.
        var points = 0
        /// Those that were not there.
        var newPoints = 0
        /// The segments that hold the new ones.
        var newSegments = 0
    }

    /// The most bytes of points in one change, well below what a change may hold.
    private static let changeBytesMax = 1 << 20

    let context: CommandContext

    /// Points and how often each stands: loggers repeat points, and a copy of a log keeps them all.
    typealias Counts = [TrackPoint: Int]

    /// The points that a leg has.
    func present(of leg: Reference<Leg>) throws -> Counts {
        var query = RecordQuery(TrackSegment.mapping.schema)
        query.conditions = [.equals("leg", .reference(leg.key))]
        var points: Counts = [:]
        for segment in try context.replica.records(of: TrackSegment.self, where: query) {
            for point in try segment.record.decodedPoints() { points[point, default: 0] += 1 }
        }
        return points
    }

    /// The segments of what is not there, encoded; throws before anything is written.
    ///
    /// - `present`: what is there; what the segments repeat of it is taken away.
    func missing(
        _ segments: [[TrackPoint]],
        present: inout Counts,
        leg: Reference<Leg>
    ) throws -> (segments: [TrackSegment], outcome: Outcome) {
        var outcome = Outcome()
        var result: [TrackSegment] = []
        for points in segments {
            outcome.points += points.count
            var run: [TrackPoint] = []
            func end() throws {
                guard !run.isEmpty else { return }
                outcome.newPoints += run.count
                result += try encoded(run, leg)
                run = []
            }
            for point in points {
                if let count = present[point], count > 0 {
                    present[point] = count - 1
                    try end()
                } else {
                    run.append(point)
                }
            }
            try end()
        }
        outcome.newSegments = result.count
        return (result, outcome)
    }

    /// Segments of at most the points and bytes that one may have.
    private func encoded(_ points: [TrackPoint], _ leg: Reference<Leg>) throws -> [TrackSegment] {
        if points.count <= TrackPoints.countMax {
            let segment = try TrackSegment(
                leg: leg,
                device: context.device.device,
                points: points
            )
            if segment.points.count <= EditResolution.valueBytesMax || points.count < 2 {
                return [segment]
            }
        }
        let middle = points.count / 2
        return try encoded(Array(points[..<middle]), leg) + encoded(Array(points[middle...]), leg)
    }

    /// Parts of segments that fit into one change each; at least one, which may be empty.
    static func changes(of segments: [TrackSegment]) -> [[TrackSegment]] {
        var changes: [[TrackSegment]] = [[]]
        var bytes = 0
        for segment in segments {
            if bytes > 0, bytes + segment.points.count > changeBytesMax {
                changes.append([])
                bytes = 0
            }
            changes[changes.count - 1].append(segment)
            bytes += segment.points.count
        }
        return changes
    }

    /// Writes segments in a change, each under a name that comes from its points, and from how
    /// many such there are already: some logs repeat whole stretches.
    static func insert(
        _ segments: [TrackSegment],
        under name: String,
        _ transaction: Transaction
    ) throws {
        for segment in segments {
            let first = "\(name)/\(TrackNames.digest(segment.points))"
            var name = first
            var ordinal = 1
            var isDeleted = false
            while let view = try transaction.view(Reference<TrackSegment>(.named(name)).key) {
                isDeleted = isDeleted || !view.lifecycle.isVisible
                ordinal += 1
                name = "\(first)/\(ordinal)"
            }
            // What somebody deleted stays deleted, whatever a file says.
            if !isDeleted { try transaction.insert(segment, named: name) }
        }
    }
}
