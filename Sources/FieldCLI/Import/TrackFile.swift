import Crypto
import Foundation
import Interchange
import Models
import Replication

/// Tracks that were read from a file of any format.
struct TrackReading {
    /// One track: a patrol of its own.
    struct Track {
        var name: String
        /// A key from the file; nil names the track by its points.
        var key: String?
        var segments: [[TrackPoint]]
    }

    var tracks: [Track] = []
    var pointsWithoutTime = 0
    var roundedPoints = 0
    /// Single places, which are no track.
    var waypoints = 0
    /// What was wrong with single lines of a log.
    var problems: [String] = []
}

/// Names of tracks that come from their content.
enum TrackNames {
    /// Sixteen hexadecimal digits of a digest.
    static func digest(_ bytes: [UInt8]) -> String {
        Hex.text(Array(SHA256.hash(data: Data(bytes)).prefix(8)))
    }
}

/// Reads GPX and NMEA files.
enum TrackFile {
    /// Milliseconds without a fix after which a log goes on in a new segment.
    static let gapMillisecondsMax: Int64 = 600_000

    /// Whether a file is a track, by its name or its first bytes.
    static func isTrack(_ path: String) -> Bool {
        let ending = InputFile.ending(path)
        if ["gpx", "nmea"].contains(ending) { return true }
        if ["csv", "json", "jsonl", "ndjson"].contains(ending) { return false }
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        let start = (try? handle.read(upToCount: 256)) ?? Data()
        let first = start.first { $0 > 0x20 && $0 < 0x80 }
        return first.map { [UInt8(ascii: "<"), UInt8(ascii: "$"), UInt8(ascii: "!")].contains($0) }
            ?? false
    }

    /// Reads a file.
    static func read(_ path: String) throws -> TrackReading {
        let bytes = try InputFile.read(path)
        do {
            let first = bytes.first { $0 > 0x20 && $0 < 0x80 }
            return first == UInt8(ascii: "<") ? try gpx(bytes, path) : try nmea(bytes, path)
        } catch let error as InterchangeError {
            throw Failure.input(Messages.file(path, "\(error)"))
        }
    }

    private static func gpx(_ bytes: [UInt8], _ path: String) throws -> TrackReading {
        let reading = try GPXReader().read(bytes)
        var result = TrackReading()
        result.roundedPoints = reading.roundedPoints
        result.waypoints = reading.document.waypoints.count
        for track in reading.document.tracks {
            let segments = track.segments.map { segment in
                segment.points.compactMap { point -> TrackPoint? in
                    guard let time = point.time else {
                        result.pointsWithoutTime += 1
                        return nil
                    }
                    return self.point(time, point.coordinate)
                }
            }
            result.tracks.append(
                .init(
                    name: track.name ?? reading.document.name ?? fileName(path),
                    key: nil,
                    segments: segments.filter { !$0.isEmpty }
                )
            )
        }
        result.tracks.removeAll { $0.segments.isEmpty }
        return result
    }

    private static func nmea(_ bytes: [UInt8], _ path: String) throws -> TrackReading {
        let (fixes, summary) = try NMEAReader.read(bytes)
        guard summary.sentences > 0 || bytes.isEmpty else {
            throw Failure.input(Messages.file(path, Messages.noTrackFile))
        }
        var result = TrackReading()
        result.pointsWithoutTime = summary.fixesWithoutTime
        result.problems = summary.problems.prefix(5).map { "\($0)" }
        let points = fixes.compactMap { fix in fix.time.map { point($0, fix.coordinate) } }
        let segments = split(points, gapMilliseconds: gapMillisecondsMax)
        if !segments.isEmpty {
            result.tracks = [.init(name: fileName(path), key: nil, segments: segments)]
        }
        return result
    }

    /// Cuts points where none came for so long.
    static func split(_ points: [TrackPoint], gapMilliseconds: Int64) -> [[TrackPoint]] {
        var segments: [[TrackPoint]] = []
        for point in points {
            if let last = segments.last?.last,
                point.time.milliseconds - last.time.milliseconds <= gapMilliseconds
            {
                segments[segments.count - 1].append(point)
            } else {
                segments.append([point])
            }
        }
        return segments
    }

    static func point(_ time: Int64, _ coordinate: Coordinate) -> TrackPoint {
        TrackPoint(
            time: WallTime(milliseconds: time),
            latitude: .init(units: coordinate.latitude),
            longitude: .init(units: coordinate.longitude)
        )
    }

    private static func fileName(_ path: String) -> String { (path as NSString).lastPathComponent }
}
