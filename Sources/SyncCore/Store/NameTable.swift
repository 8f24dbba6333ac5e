package import GRDB
package import Replication

/// Short numbers for replicas and authors inside one store.
///
/// The memory follows the tables: it is filled as names are met and dropped after any error.
package struct NameTable {
    private var replicaNumbers: [ReplicaID: Int64] = [:]
    private var replicaIDs: [Int64: ReplicaID] = [:]
    private var authorNumbers: [BytesOfString: Int64] = [:]
    private var authorNames: [Int64: String] = [:]
    private var epochNumbers: [Epoch: Int64] = [:]
    private var epochs: [Int64: Epoch] = [:]

    package init() {}

    package mutating func number(of replica: ReplicaID, _ db: Database) throws -> Int64 {
        if let number = replicaNumbers[replica] { return number }
        let id = Int64(bitPattern: replica.rawValue)
        let number: Int64
        if let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM replica WHERE id = ?"),
            arguments: [id]
        ) {
            number = found
        } else {
            try db.cachedStatement(sql: "INSERT INTO replica(id, counter) VALUES (?, 0)")
                .execute(arguments: [id])
            number = db.lastInsertedRowID
        }
        replicaNumbers[replica] = number
        replicaIDs[number] = replica
        return number
    }

    package mutating func replica(_ number: Int64, _ db: Database) throws -> ReplicaID {
        if let replica = replicaIDs[number] { return replica }
        guard
            let id = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM replica WHERE number = ?"),
                arguments: [number]
            )
        else { throw StoreError(.corrupt, "replica \(number) is not in the store") }
        let replica = ReplicaID(UInt64(bitPattern: id))
        replicaNumbers[replica] = number
        replicaIDs[number] = replica
        return replica
    }

    package mutating func number(of epoch: Epoch, _ db: Database) throws -> Int64 {
        if let number = epochNumbers[epoch] { return number }
        let number: Int64
        if let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM epoch WHERE id = ?"),
            arguments: [epoch.description]
        ) {
            number = found
        } else {
            try db.cachedStatement(sql: "INSERT INTO epoch(id) VALUES (?)")
                .execute(arguments: [epoch.description])
            number = db.lastInsertedRowID
        }
        epochNumbers[epoch] = number
        epochs[number] = epoch
        return number
    }

    /// The epoch with this number; nil where a store has none of that number.
    package mutating func epoch(_ number: Int64, _ db: Database) throws -> Epoch? {
        if let epoch = epochs[number] { return epoch }
        let text = try String.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM epoch WHERE number = ?"),
            arguments: [number]
        )
        guard let epoch = text.flatMap({ Epoch($0) }) else { return nil }
        epochNumbers[epoch] = number
        epochs[number] = epoch
        return epoch
    }

    package mutating func number(ofAuthor name: String, _ db: Database) throws -> Int64 {
        let key = BytesOfString(name)
        if let number = authorNumbers[key] { return number }
        let bytes = Array(name.utf8)
        let number: Int64
        if let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM author WHERE name = ?"),
            arguments: [bytes.data]
        ) {
            number = found
        } else {
            try db.cachedStatement(sql: "INSERT INTO author(name) VALUES (?)")
                .execute(arguments: [bytes.data])
            number = db.lastInsertedRowID
        }
        authorNumbers[key] = number
        authorNames[number] = name
        return number
    }

    package mutating func author(_ number: Int64, _ db: Database) throws -> String {
        if let name = authorNames[number] { return name }
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM author WHERE number = ?"),
                arguments: [number]
            )
        else { throw StoreError(.corrupt, "author \(number) is not in the store") }
        let name = String(decoding: row.bytes(0), as: UTF8.self)
        authorNumbers[BytesOfString(name)] = number
        authorNames[number] = name
        return name
    }
}
