import Replication

/// The replicas that a batch names, each once, in the order of first use.
struct ReplicaTableWriter {
    private var numbers: [ReplicaID: UInt64] = [:]
    private(set) var replicas: [ReplicaID] = []

    mutating func number(_ replica: ReplicaID) -> UInt64 {
        if let number = numbers[replica] { return number }
        let number = UInt64(replicas.count)
        numbers[replica] = number
        replicas.append(replica)
        return number
    }

    func encode(into writer: inout ByteWriter) {
        writer.count(replicas.count)
        for replica in replicas { writer.fixed64(replica.rawValue) }
    }
}

/// Reads a batch's replicas and checks that they stand in the order of first use.
struct ReplicaTableReader {
    private let replicas: [ReplicaID]
    private var used = 0

    init(from reader: inout ByteReader, limits: WireLimits) throws(WireError) {
        let count = try reader.count(max: limits.replicasMax, bytesEach: 8, of: "replicas")
        var replicas: [ReplicaID] = []
        replicas.reserveCapacity(count)
        for _ in 0..<count { replicas.append(ReplicaID(try reader.fixed64())) }
        guard Set(replicas).count == count else {
            throw reader.error(.notCanonical, "a replica stands twice in the table")
        }
        self.replicas = replicas
    }

    mutating func replica(
        _ number: UInt64,
        _ reader: borrowing ByteReader
    ) throws(WireError) -> ReplicaID {
        guard number < UInt64(replicas.count) else {
            throw reader.error(.invalid, "replica \(number) of a table of \(replicas.count)")
        }
        guard number <= UInt64(used) else {
            throw reader.error(.notCanonical, "replicas do not stand in the order of their use")
        }
        used = max(used, Int(number) + 1)
        return replicas[Int(number)]
    }

    /// Every replica was used, or the table carries what nobody asked for.
    func finish(_ reader: borrowing ByteReader) throws(WireError) {
        guard used == replicas.count else {
            throw reader.error(.trailing, "\(replicas.count - used) replicas are never used")
        }
    }
}
