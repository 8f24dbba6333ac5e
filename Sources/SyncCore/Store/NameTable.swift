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
    /// The last author that was asked for: it is nearly always the next one too.
    private var lastAuthor: (name: String, number: Int64)?
    /// So is the last epoch.
    private var lastEpoch: (epoch: Epoch, number: Int64)?

    package init() {}

    package mutating func number(of replica: ReplicaID, _ db: Database) throws -> Int64 {
        if let number = replicaNumbers[replica] { return number }
        let id = Int64(bitPattern: replica.rawValue)
        let number: Int64
        if let found = try db.cachedStatement(sql: "SELECT number FROM replica WHERE id = ?")
            .first(.integer(id), read: { try $0.integer(0) })
        {
            number = try NameTable.checked(found)
        } else {
            try db.cachedStatement(sql: "INSERT INTO replica(id, counter) VALUES (?, 0)")
                .execute(arguments: [id])
            number = try NameTable.checked(db.lastInsertedRowID)
        }
        replicaNumbers[replica] = number
        replicaIDs[number] = replica
        return number
    }

    package mutating func replica(_ number: Int64, _ db: Database) throws -> ReplicaID {
        if let replica = replicaIDs[number] { return replica }
        _ = try NameTable.checked(number)
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
        if let last = lastEpoch, last.epoch == epoch { return last.number }
        if let number = epochNumbers[epoch] {
            lastEpoch = (epoch, number)
            return number
        }
        let number: Int64
        if let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM epoch WHERE id = ?"),
            arguments: [epoch.description]
        ) {
            number = try NameTable.checked(found)
        } else {
            try db.cachedStatement(sql: "INSERT INTO epoch(id) VALUES (?)")
                .execute(arguments: [epoch.description])
            number = try NameTable.checked(db.lastInsertedRowID)
        }
        epochNumbers[epoch] = number
        epochs[number] = epoch
        lastEpoch = (epoch, number)
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
        if let last = lastAuthor, last.name.hasSameBytes(as: name) { return last.number }
        let key = BytesOfString(name)
        if let number = authorNumbers[key] {
            lastAuthor = (name, number)
            return number
        }
        let bytes = Array(name.utf8)
        let number: Int64
        if let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT number FROM author WHERE name = ?"),
            arguments: [bytes.data]
        ) {
            number = try NameTable.checked(found)
        } else {
            try db.cachedStatement(sql: "INSERT INTO author(name) VALUES (?)")
                .execute(arguments: [bytes.data])
            number = try NameTable.checked(db.lastInsertedRowID)
        }
        authorNumbers[key] = number
        authorNames[number] = name
        lastAuthor = (name, number)
        return number
    }

    package mutating func author(_ number: Int64, _ db: Database) throws -> String {
        if let name = authorNames[number] { return name }
        _ = try NameTable.checked(number)
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM author WHERE number = ?"),
                arguments: [number]
            )
        else { throw StoreError(.corrupt, "author \(number) is not in the store") }
        let name = String(decoding: try row.bytes(0), as: UTF8.self)
        authorNumbers[BytesOfString(name)] = number
        authorNames[number] = name
        return name
    }

    /// A number of a row, from 1 on: it is written into records without a sign.
    private static func checked(_ number: Int64) throws -> Int64 {
        guard number > 0 else {
            throw StoreError(.corrupt, "a replica, author or epoch has the number \(number)")
        }
        return number
    }
}
