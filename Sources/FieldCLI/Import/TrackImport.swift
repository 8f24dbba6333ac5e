import Models
import Replication
import SyncCore

/// Writes tracks as patrols and legs with their segments, under names that come from the file, so
/// that an import of the same file changes nothing and one of a longer file adds what is new.
struct TrackImport {
    /// What an import did.
    struct Outcome {
        var tracks = 0
        var newTracks = 0
        var segments = 0
        var points = 0
        var newPoints = 0
    }

    /// What the file does not say of the patrols.
    struct Circumstances {
        /// What they watched over; empty for unknown.
        var kind = ""
        /// How they moved; empty for unknown.
        var transport = ""
    }

    let context: CommandContext
    let path: String
    let circumstances: Circumstances
    let progress: ProgressLine

    /// A track that is ready to be written.
    private struct Prepared {
        let name: String
        let track: TrackReading.Track
        let segments: [TrackSegment]
    }

    /// Reads what is there, encodes what is missing, and says what there is to write.
    ///
    /// Nothing is written before every track of the file is known to fit.
    func check(_ tracks: [TrackReading.Track]) throws -> Outcome { try prepare(tracks).outcome }

    /// Writes tracks.
    func write(_ tracks: [TrackReading.Track]) throws -> Outcome {
        let (prepared, outcome) = try prepare(tracks)
        for (index, item) in prepared.enumerated() {
            progress.show(words("Writing", "写入"), done: index, of: prepared.count)
            do { try write(item) } catch let error as StoreError where error.isOfDisk {
                throw Failure(
                    .diskFull,
                    Messages.trackImportStopped(error, index, of: prepared.count)
                )
            }
        }
        return outcome
    }

    private func prepare(
        _ tracks: [TrackReading.Track]
    ) throws -> (prepared: [Prepared], outcome: Outcome) {
        let writer = TrackWriter(context: context)
        var outcome = Outcome()
        var prepared: [Prepared] = []
        // What is there of a leg and was not met in this file so far.
        var unmet: [String: TrackWriter.Counts] = [:]
        for track in tracks {
            let name = try self.name(of: track)
            let leg = Reference<Leg>(.named(name + "/1"))
            do {
                try NewRecordCheck.check(leg.id, [], in: Leg.mapping.schema)
                let isFirst = unmet[name] == nil
                var present = try unmet[name] ?? writer.present(of: leg)
                let (segments, added) = try writer.missing(
                    track.segments,
                    present: &present,
                    leg: leg
                )
                unmet[name] = present
                let patrol = Reference<Patrol>(.named(name))
                let isNew = try context.replica.read { try $0.view(patrol.key) } == nil
                outcome.tracks += 1
                outcome.newTracks += isNew && isFirst ? 1 : 0
                outcome.segments += added.newSegments
                outcome.points += added.points
                outcome.newPoints += added.newPoints
                prepared.append(Prepared(name: name, track: track, segments: segments))
            } catch let error as TrackPointsError {
                throw Failure.input(Messages.file(path, "\(track.name): \(error)"))
            } catch let error as EditError {
                throw Failure.input(Messages.file(path, "\(track.name): \(error.problem)"))
            }
        }
        return (prepared, outcome)
    }

    /// A key of the file, else the first point: a log that goes on keeps its name.
    private func name(of track: TrackReading.Track) throws -> String {
        if let key = track.key { return "track/" + key }
        let first = track.segments.first?.prefix(1) ?? []
        do { return "track/" + TrackNames.digest(try TrackPoints.encode(Array(first))) } catch {
            throw Failure.input(Messages.file(path, "\(track.name): \(error)"))
        }
    }

    private func write(_ item: Prepared) throws {
        let reason = words("import", "导入")
        let leg = Reference<Leg>(.named(item.name + "/1"))
        let start = item.track.segments.first?.first?.time
        let end = item.track.segments.last?.last?.time
        for (index, segments) in TrackWriter.changes(of: item.segments).enumerated() {
            try context.replica.write(reason: reason) { transaction in
                if index == 0 { try writePatrol(item, leg, start, end, transaction) }
                try TrackWriter.insert(segments, under: item.name + "/1", transaction)
            }
        }
    }

    /// Makes the patrol and its leg, or lets them last as long as the longer track does.
    private func writePatrol(
        _ item: Prepared,
        _ leg: Reference<Leg>,
        _ start: WallTime?,
        _ end: WallTime?,
        _ transaction: Transaction
    ) throws {
        let patrol = Reference<Patrol>(.named(item.name))
        guard try transaction.view(patrol.key) != nil else {
            try transaction.insert(self.patrol(item.track, start, end), named: item.name)
            var record = Leg()
            record.patrol = patrol
            record.transport = Transport(circumstances.transport)
            record.leader = context.device.officer
            record.startedAt = start
            record.endedAt = end
            try transaction.insert(record, named: item.name + "/1")
            return
        }
        guard !item.segments.isEmpty, let start, let end else { return }
        if try transaction.record(patrol) != nil {
            try transaction.update(patrol) {
                if let known = $0.startedAt, start < known { $0.startedAt = start }
                if let known = $0.endedAt, known < end { $0.endedAt = end }
            }
        }
        if try transaction.record(leg) != nil {
            try transaction.update(leg) {
                if let known = $0.startedAt, start < known { $0.startedAt = start }
                if let known = $0.endedAt, known < end { $0.endedAt = end }
            }
        }
    }

    private func patrol(
        _ track: TrackReading.Track,
        _ start: WallTime?,
        _ end: WallTime?
    ) -> Patrol {
        var patrol = Patrol()
        patrol.kind = PatrolKind(circumstances.kind)
        patrol.transport = Transport(circumstances.transport)
        patrol.objective = track.name
        patrol.leader = context.device.officer
        patrol.town = context.device.town
        patrol.organ = context.device.organ
        patrol.startedAt = start
        patrol.endedAt = end
        patrol.remark = path.split(separator: "/").last.map(String.init) ?? path
        return patrol
    }
}
