import GRDB
import Replication

extension ReplicaCore {
    /// Own log rows that the hub has not acknowledged, oldest first.
    ///
    /// Whole changes only: the rows of one change stand together in the log.
    func outboxRows(limit: Int, _ db: Database) throws -> [RecordStore.LogRow] {
        let acknowledged = self.acknowledged
        guard store.knowledge[replica] > acknowledged else { return [] }
        let number = try store.names.number(of: replica, db)
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number > ? AND replica = ? AND counter > ? ORDER BY number LIMIT ?
                    """
            ),
            arguments: [
                outboxAfter, number, Int64(bitPattern: acknowledged), Int64(limit),
            ]
        )
        var rows: [RecordStore.LogRow] = []
        while let row = try cursor.next() { rows.append(try store.logRow(row.copy(), db)) }
        return rows
    }

    /// What the hub may not have, whole changes in the order in which this store got them: own
    /// changes, and those of peers that were met directly.
    ///
    /// A peer's changes go up too, because the hub's order must be causal: what this device wrote
    /// after it had seen them may not stand before them, and nobody knows when the peer itself will
    /// meet the hub. They stay their authors'; whoever brings them second changes nothing.
    func pushRows(
        bytesMax: Int,
        rowsMax: Int,
        _ db: Database
    ) throws -> (rows: [RecordStore.LogRow], isCut: Bool) {
        var known: [Int64: UInt64] = [:]
        if store.knowledge[replica] > acknowledged {
            known[try store.names.number(of: replica, db)] = acknowledged
        }
        for entry in unforwardedPeers.entries {
            known[try store.names.number(of: entry.replica, db)] = hubHas(entry.replica)
        }
        for replica in lost.replicasToBring {
            let number = try store.names.number(of: replica, db)
            known[number] = known[number] ?? .max
        }
        guard !known.isEmpty else { return ([], false) }
        let list = known.keys.sorted().map(String.init).joined(separator: ", ")
        if lost.countToBring > 0 {
            return try returningRows(known, in: list, bytesMax: bytesMax, rowsMax: rowsMax, db)
        }
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, replica, counter, record, sequence, entry FROM log
                    WHERE number > ? AND replica IN (\(list)) AND sequence = 0 ORDER BY number
                    """
            ),
            arguments: [outboxAfter]
        )
        var rows: [RecordStore.LogRow] = []
        var size = 0
        while let row = try cursor.next() {
            let acknowledged = known[try row.value(1)] ?? 0
            guard try row.natural(2) > acknowledged else { continue }
            let read = try store.logRow(row.copy(), db)
            if let last = rows.last, last.entry.dot != read.entry.dot,
                size > bytesMax || rows.count >= rowsMax
            {
                return (rows, true)
            }
            size += read.entry.approximateSize
            rows.append(read)
        }
        return (rows, false)
    }

    /// The same while changes wait that were lost with an earlier epoch: first, in the order of their
    /// numbers of then, what had numbers, own changes too; then the others.
    ///
    /// Other than here that order is not the log's: a page brings new records after known ones, and a
    /// record that enters brings what is older than the rows before it.
    private func returningRows(
        _ known: [Int64: UInt64],
        in list: String,
        bytesMax: Int,
        rowsMax: Int,
        _ db: Database
    ) throws -> (rows: [RecordStore.LogRow], isCut: Bool) {
        let places = try returningPlaces(known, in: list, db)
        var rows: [RecordStore.LogRow] = []
        var change: [RecordStore.LogRow] = []
        var size = 0
        for (index, place) in places.enumerated() {
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT number, replica, counter, record, sequence, entry FROM log
                        WHERE number = ?
                        """
                ),
                arguments: [place.row]
            )
            if let read = try row.map({ try store.logRow($0, db) }) { change.append(read) }
            let isEnd = index + 1 == places.count || places[index + 1].dot != place.dot
            guard isEnd else { continue }
            // The parts of a change need not have come together.
            rows += change.sorted { $0.entry.part < $1.entry.part }
            size += change.reduce(0) { $0 + $1.entry.approximateSize }
            change = []
            if index + 1 < places.count, size > bytesMax || rows.count >= rowsMax {
                return (rows, true)
            }
        }
        return (rows, false)
    }

    /// Where the rows stand that go up, in the order in which they do.
    private func returningPlaces(
        _ known: [Int64: UInt64],
        in list: String,
        _ db: Database
    ) throws -> [ReturningPlace] {
        var places: [ReturningPlace] = []
        let cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, replica, counter FROM log
                WHERE replica IN (\(list)) AND sequence = 0
                """
        )
        while let row = try cursor.next() {
            let replica: Int64 = try row.value(1)
            let dot = Dot(try store.names.replica(replica, db), try row.natural(2))
            guard lost.isToBring(dot) || dot.counter > known[replica] ?? 0 else { continue }
            places.append(
                ReturningPlace(
                    number: store.lives.lastNumber(of: dot),
                    dot: dot,
                    row: try row.value(0)
                )
            )
        }
        // A replica's changes go first in, first out, whichever epoch numbered them last.
        var least: [ReplicaID: UInt64] = [:]
        places.sort { $1.dot < $0.dot }
        for index in places.indices {
            let replica = places[index].dot.replica
            guard let number = places[index].number ?? least[replica] else { continue }
            places[index].number = min(number, least[replica] ?? number)
            least[replica] = places[index].number
        }
        return places.sorted { $0.precedes($1) }
    }

    /// How many changes wait to go up: own ones and peers'.
    var waiting: Int {
        let peers = unforwardedPeers.entries.reduce(0) { $0 + $1.counter - hubHas($1.replica) }
        return Int(clamping: store.knowledge[replica] - acknowledged + peers) + lost.countToBring
    }

    /// Peers' changes of which nobody has told that the hub has them.
    var unforwardedPeers: VersionVector {
        var peers = VersionVector()
        for entry in store.peerMet.entries
        where entry.replica != replica && entry.counter > hubHas(entry.replica)
            && !store.bundles.contains(entry.replica)
        {
            peers[entry.replica] = entry.counter
        }
        return peers
    }

    private func hubHas(_ peer: ReplicaID) -> UInt64 {
        max(store.receipts[peer]?.acknowledged ?? 0, forwarded[peer], lost.last[peer] ?? 0)
    }

    // MARK: What was brought

    /// Keeps what this store has brought of peers and the hub has told no place of.
    ///
    /// It may hold some of that apart, and tells only its author; that need not go up again.
    func storeForwarded(_ db: Database) throws {
        var kept = VersionVector()
        for entry in forwarded.entries
        where entry.counter > store.receipts[entry.replica]?.acknowledged ?? 0 {
            kept[entry.replica] = entry.counter
        }
        var writer = ByteWriter()
        WireParts.encode(kept, into: &writer)
        try setMeta("forwarded", kept.isEmpty ? nil : writer.bytes.data, db)
    }

    func forwardedPeers(_ db: Database) throws -> VersionVector {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT value FROM meta WHERE key = 'forwarded' AND value IS NOT NULL"
        )
        guard let bytes = try row?.bytes(0) else { return VersionVector() }
        var reader = ByteReader(bytes, part: "what was brought of peers")
        let vector = try WireParts.vector(from: &reader, limits: .standard)
        try reader.finish()
        return vector
    }
}

/// A row that goes up again after a restore.
private struct ReturningPlace {
    /// The change's number in an earlier epoch, or that of one of the same replica that follows.
    var number: UInt64?
    let dot: Dot
    let row: Int64

    func precedes(_ other: ReturningPlace) -> Bool {
        switch (number, other.number) {
        case (let left?, let right?): (left, dot, row) < (right, other.dot, other.row)
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): row < other.row
        }
    }
}
