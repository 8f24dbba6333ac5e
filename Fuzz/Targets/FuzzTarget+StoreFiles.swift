import Foundation
import GRDB
import MergeServer
import Models
import Replication
import SyncCore
import Synchronization

extension FuzzTarget {
    /// Files of stores that somebody changed: they are refused with a name, or can be worked with.
    static let storeFiles: [FuzzTarget] = [
        storeFile("store", "a device's file with other bytes in it, or another value in a row") {
            folder in
            let replica = try Replica.open(
                at: folder,
                schema: District.schema,
                author: "bob",
                opening: .existing,
                environment: AlteredStore.environment
            )
            _ = try replica.status()
            _ = try replica.records(of: Finding.self)
            _ = try replica.conflicts()
            _ = try replica.read { try $0.log(limit: .max) }
            _ = try replica.checkRecords()
            _ = try replica.delta(since: VersionVector(), cursor: 0)
            try replica.write { try $0.insert(Finding()) }
        },
        storeFile("hub-store", "a hub's file, likewise", isHub: true) { folder in
            let storage = try SQLiteHubStorage(
                folder: folder,
                schema: District.schema,
                environment: AlteredStore.environment
            )
            _ = try storage.statistics()
            let service = MergeService(storage: storage, environment: AlteredStore.environment)
            let replica = try AlteredStore.stranger(folder + "/stranger")
            // What a hub cannot do any more it declines.
            do { try AlteredStore.exchange(replica, service) } catch is SyncError {}
        },
    ]

    private static func storeFile(
        _ name: String,
        _ subject: String,
        isHub: Bool = false,
        work: @Sendable @escaping (_ folder: String) throws -> Void
    ) -> FuzzTarget {
        let store = AlteredStore(isHub: isHub)
        return FuzzTarget(
            name: name,
            subject: subject,
            seeds: [],
            names: { error in
                guard let error = error as? StoreError else { return false }
                return [.foreign, .corrupt, .newerSchema].contains(error.code)
            },
            read: { bytes in try store.take(bytes, work) }
        )
    }
}

/// A whole store that each turn alters a copy of.
private final class AlteredStore: Sendable {
    private let isHub: Bool
    private let whole = Mutex<[UInt8]>([])

    static let environment = CoreEnvironment(now: { 1_785_744_000_000 }, random: { 0x5EED })

    init(isHub: Bool) { self.isHub = isHub }

    func take(_ bytes: [UInt8], _ work: (String) throws -> Void) throws {
        guard let kind = bytes.first else { return }
        let folder = FuzzTarget.scratch + (isHub ? "/altered-hub" : "/altered")
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = folder + "/store.sqlite"
        var content = try whole.withLock { whole in
            if whole.isEmpty { whole = try makeWhole(folder + "/whole") }
            return whole
        }
        if kind & 1 == 0 { AlteredStore.patch(&content, bytes.dropFirst()) }
        try Data(content).write(to: URL(fileURLWithPath: file))
        if kind & 1 == 1 { try AlteredStore.alterRow(file, bytes.dropFirst()) }
        try work(folder)
    }

    /// Other bytes at other places: three bytes say where, one what.
    private static func patch(_ content: inout [UInt8], _ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while rest.count >= 4 {
            let place = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) } % content.count
            content[place] = rest[rest.startIndex + 3]
            rest = rest.dropFirst(4)
        }
    }

    /// Another value: three bytes choose the table, the column and the row, one the kind.
    private static func alterRow(_ file: String, _ bytes: ArraySlice<UInt8>) throws {
        let bytes = Array(bytes)
        guard bytes.count >= 4 else { return }
        let rest = bytes.dropFirst(4)
        let number = rest.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let value: any DatabaseValueConvertible =
            switch bytes[3] % 4 {
            case 0: Data(rest)
            case 1: String(decoding: rest, as: UTF8.self)
            case 2: number
            default: DatabaseValue.null
            }
        let queue = try DatabaseQueue(path: file)
        try queue.writeWithoutTransaction { db in
            let tables = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_master
                    WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name
                    """
            )
            let table = tables[Int(bytes[0]) % tables.count]
            let columns = try db.columns(in: table).map(\.name)
            let column = columns[Int(bytes[1]) % columns.count]
            let place = "LIMIT 1 OFFSET \(bytes[2] % 8)"
            let isOfRows = try
                !String.fetchAll(
                    db,
                    sql: "SELECT sql FROM sqlite_master WHERE name = ?",
                    arguments: [table]
                )
                .contains { $0.contains("WITHOUT ROWID") }
            let rows = isOfRows ? "WHERE rowid = (SELECT rowid FROM \"\(table)\" \(place))" : ""
            // What a constraint forbids nobody can have written.
            try? db.execute(
                sql: "UPDATE OR IGNORE \"\(table)\" SET \"\(column)\" = ? \(rows)",
                arguments: [value]
            )
        }
        try queue.close()
    }

    /// The bytes of a store with records of several kinds, a conflict, a deletion, and what waits.
    private func makeWhole(_ folder: String) throws -> [UInt8] {
        let hub = try SQLiteHubStorage(
            folder: folder + "/hub",
            schema: District.schema,
            environment: AlteredStore.environment
        )
        let service = MergeService(storage: hub, environment: AlteredStore.environment)
        let alice = try AlteredStore.device(folder + "/alice", "alice", 1)
        let bob = try AlteredStore.device(folder + "/bob", "bob", 2)
        let first = try AlteredStore.find("电鱼", alice)
        let second = try AlteredStore.find("地笼", alice)
        try AlteredStore.exchange(alice, service)
        try AlteredStore.exchange(bob, service)
        for (replica, title) in [(alice, "电鱼（夜间）"), (bob, "电鱼器")] {
            try replica.write { try $0.update(first) { $0.title = title } }
        }
        try bob.write { try $0.edit(second.key, [.void(reason: "重录")]) }
        try AlteredStore.exchange(alice, service)
        try AlteredStore.exchange(bob, service)
        _ = try AlteredStore.find("观察", bob)
        try bob.subscribe(to: ["town:330502105"])
        let path = folder + (isHub ? "/hub" : "/bob") + "/store.sqlite"
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try queue.close()
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func device(_ folder: String, _ author: String, _ seed: UInt64) throws -> Replica
    {
        try Replica.open(
            at: folder,
            schema: District.schema,
            author: author,
            environment: CoreEnvironment(now: { 1_785_744_000_000 }, random: { seed })
        )
    }

    private static func find(_ title: String, _ replica: Replica) throws -> Reference<Finding> {
        var finding = Finding()
        finding.title = title
        finding.town = "330502105"
        return try replica.write { try $0.insert(finding) }
    }

    /// A device that the hub does not know yet, with something to say.
    static func stranger(_ folder: String) throws -> Replica {
        let replica = try device(folder, "carol", 3)
        _ = try find("夜钓", replica)
        return replica
    }

    /// An exchange with a hub in this process, to its end.
    static func exchange(_ replica: Replica, _ service: MergeService) throws {
        var session = SyncSession()
        var effects = session.receive(.start, random: 0)
        for _ in 0..<100 {
            var event: SyncSession.Event?
            for effect in effects {
                switch effect {
                case .report: break
                case .finish: return
                case .fail(let error): throw error
                case .prepare, .apply: event = replica.perform(effect)
                case .wait: event = .woke
                case .send(let bytes): event = .received(service.handle(bytes))
                }
            }
            guard let event else { throw Broken("a session has nothing left to do") }
            effects = session.receive(event, random: 0)
        }
        throw Broken("an exchange does not end")
    }
}
