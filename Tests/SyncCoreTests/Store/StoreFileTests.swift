import Foundation
import GRDB
import Replication
import SyncCore
import Testing

@Suite struct StoreFileTests {
    private func refusal(_ body: () throws -> Void) -> StoreError? {
        #expect(throws: StoreError.self) { try body() }
    }

    /// The folder's files, as they are.
    private func files(_ folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            files[name] = try Data(contentsOf: URL(filePath: folder + "/" + name))
        }
        return files
    }

    @Test(arguments: ["", "PRAGMA journal_mode = WAL;", "PRAGMA application_id = 7;"])
    func `another program's database is left as it was, byte for byte`(setup: String) throws {
        let bench = try Workbench()
        try FileManager.default.createDirectory(
            atPath: bench.path("alice"),
            withIntermediateDirectories: true
        )
        let table = setup.contains("application_id") ? "" : "CREATE TABLE cash(amount)"
        try bench.database()
            .writeWithoutTransaction { try $0.execute(sql: setup + table) }
        let before = try files(bench.path("alice"))
        let error = refusal { _ = try bench.replica() }
        #expect(error?.code == .foreign)
        #expect(error?.message.contains(bench.path("alice")) == true)
        #expect(try files(bench.path("alice")) == before)
    }

    @Test func `a file that is no database is refused and kept`() throws {
        let bench = try Workbench()
        let folder = bench.path("alice")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = Data(String(repeating: "不是数据库 ", count: 400).utf8)
        try text.write(to: URL(filePath: folder + "/store.sqlite"))
        let error = refusal { _ = try bench.replica() }
        #expect(error?.code == .foreign)
        #expect(error?.message.contains("not a SQLite database") == true)
        #expect(try Data(contentsOf: URL(filePath: folder + "/store.sqlite")) == text)
    }

    @Test(arguments: [50, 4_096, 20_000, 60_000])
    func `a truncated database is refused, never half-read`(size: Int) throws {
        let bench = try Workbench()
        do {
            let replica = try bench.replica()
            for number in 0..<200 {
                try replica.write { try $0.insert(Sighting(title: "发现 \(number) 号", town: "t")) }
            }
            try replica.withDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
        let path = bench.path("alice") + "/store.sqlite"
        let whole = try Data(contentsOf: URL(filePath: path))
        #expect(whole.count > 100_000)
        try whole.prefix(size).write(to: URL(filePath: path))
        let error = refusal {
            let replica = try bench.replica()
            _ = try replica.records(of: Sighting.self)
            _ = try replica.read { try $0.log(limit: 1_000) }
        }
        #expect([.corrupt, .foreign].contains(error?.code))
        #expect(error?.message.contains(bench.path("alice")) == true)
    }

    @Test func `a store of a newer program is refused by its number`() throws {
        let bench = try Workbench()
        _ = try bench.replica().id
        try bench.database().write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let before = try files(bench.path("alice"))
        let error = refusal { _ = try bench.replica() }
        #expect(try files(bench.path("alice")) == before)
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("format 99") == true)
    }

    @Test func `a store is opened or made as was asked for`() throws {
        let bench = try Workbench()
        #expect(refusal { _ = try bench.replica(opening: .existing) }?.code == .missing)
        #expect(!FileManager.default.fileExists(atPath: bench.path("alice")))
        let id = try bench.replica(opening: .create).id
        #expect(refusal { _ = try bench.replica(opening: .create) }?.code == .exists)
        #expect(try bench.replica(opening: .existing).id == id)
        #expect(try bench.replica(opening: .openOrCreate).id == id)
        #expect(try bench.replica("deep/er/folder").status().records == 0)
    }

    @Test func `only the owner can read the folder`() throws {
        let bench = try Workbench()
        let replica = try bench.replica()
        let mode = { (path: String) in
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(replica.folder) == 0o700)
        #expect(try mode(replica.folder + "/store.lock") == 0o600)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a folder that cannot be written is named`() throws {
        let bench = try Workbench()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o500],
            ofItemAtPath: bench.folder
        )
        defer {
            try? FileManager.default.setAttributes(
                [.posixPermissions: 0o700],
                ofItemAtPath: bench.folder
            )
        }
        #expect(refusal { _ = try bench.replica() }?.code == .readOnly)
    }

    @Test(.enabled(if: geteuid() != 0, "root may look everywhere"))
    func `a folder that cannot be looked into is not taken for empty`() throws {
        let bench = try Workbench()
        _ = try bench.replica().id
        let folder = bench.path("alice")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder)
        defer {
            try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
        }
        #expect(refusal { _ = try bench.replica(opening: .existing) }?.code == .readOnly)
    }

    @Test func `a store whose first commit never came is made anew`() throws {
        let bench = try Workbench()
        let folder = bench.path("alice")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: folder + "/store.sqlite"))
        #expect(try bench.replica().status().records == 0)
    }

    @Test func `a store whose file was emptied is not taken for a new one`() throws {
        let bench = try Workbench()
        let folder = bench.path("alice")
        do {
            let replica = try bench.replica()
            try replica.write { try $0.insert(Errand(what: "water")) }
        }
        for name in ["store.sqlite-wal", "store.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        try Data().write(to: URL(filePath: folder + "/store.sqlite"))
        try Data().write(to: URL(filePath: folder + "/device.json"))
        for opening in [Replica.Opening.existing, .openOrCreate] {
            let error = refusal { _ = try bench.replica(opening: opening) }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("is empty") == true)
        }
        let inspection = try StoreInspection(folder: folder, schema: TestSchema.make())
        #expect(!inspection.isStore && inspection.problems.count == 1)
        #expect(try Data(contentsOf: URL(filePath: folder + "/store.sqlite")).isEmpty)
    }

    @Test func `a folder below a file cannot be made`() throws {
        let bench = try Workbench()
        try Data("x".utf8).write(to: URL(filePath: bench.path("file")))
        #expect(refusal { _ = try bench.replica("file/store") }?.code == .readOnly)
    }

    @Test func `a store has one owner at a time, and says who`() throws {
        let bench = try Workbench()
        do {
            let replica = try bench.replica()
            let error = refusal { _ = try bench.replica() }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("in this process (process \(getpid()))") == true)
            try replica.write { try $0.insert(Errand(what: "still works")) }
        }
        #expect(try bench.replica().status().records == 1)
    }

    @Test(.enabled(if: access("/usr/bin/flock", X_OK) == 0, "util-linux is not here"))
    func `another process keeps us out until it dies, even by a kill`() throws {
        let bench = try Workbench()
        _ = try bench.replica().id
        let lock = bench.path("alice") + "/store.lock"
        let other = Process()
        other.executableURL = URL(filePath: "/usr/bin/flock")
        other.arguments = ["-n", lock, "-c", "echo locked; exec sleep 60"]
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        _ = output.fileHandleForReading.availableData
        #expect(refusal { _ = try bench.replica() }?.code == .locked)
        // The shell holds the lock too; its group ends with it.
        let children = Process()
        children.executableURL = URL(filePath: "/bin/sh")
        children.arguments = ["-c", "kill -9 $(ps -o pid= --ppid \(other.processIdentifier))"]
        try children.run()
        children.waitUntilExit()
        kill(other.processIdentifier, SIGKILL)
        other.waitUntilExit()
        #expect(throws: Never.self) { try bench.replica() }
    }
}

@Suite struct StoreFailureTests {
    @Test func `a full disk refuses the write, keeps what was there, and the store goes on`() throws
    {
        let bench = try Workbench()
        let replica = try bench.replica()
        let first = try replica.write { try $0.insert(Sighting(title: "第一条", town: "t")) }
        try replica.withDatabase { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 12)")
        }
        var written = 1
        var error: (any Error)?
        while error == nil, written < 2_000 {
            do {
                try replica.write { transaction in
                    for _ in 0..<3 {
                        let text = String(repeating: "岸边发现地笼", count: 40)
                        try transaction.insert(Sighting(title: text, town: "t", story: text))
                    }
                }
                written += 3
            } catch let failure {
                error = failure
            }
        }
        #expect((error as? StoreError)?.code == .full)
        #expect(try replica.status().records == written)
        #expect(try replica.record(first)?.title == "第一条")
        #expect(try replica.differences().isEmpty)
        try replica.withDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        try replica.write { try $0.insert(Sighting(title: "有空间了")) }
        let counters = try replica.read { try $0.outbox() }.map(\.entry.dot.counter)
        #expect(Set(counters) == Set(1...UInt64((written - 1) / 3 + 2)))
        #expect(
            try replica.withDatabase { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
                == "ok"
        )
    }

    /// Every place where a local write, or a peer's delta, touches the store.
    static let places = [
        "INSERT ON log", "INSERT ON record", "INSERT ON q_sighting",
        "INSERT ON meta", "UPDATE ON replica", "INSERT ON replica", "INSERT ON author",
    ]

    @Test(arguments: places)
    func `after an error anywhere, memory is what the disk is`(place: String) throws {
        let bench = try Workbench()
        let bob = try bench.replica("bob")
        let delta = try {
            let carol = try bench.replica("carol")
            try carol.write { try $0.insert(Sighting(title: "别人的", town: "t")) }
            return try carol.delta(for: bob.status())
        }()
        try bob.write { try $0.insert(Sighting(title: "自己的", town: "t")) }
        let before = try bob.status()
        let log = try bob.read { try $0.log(limit: 100) }
        try bob.withDatabase {
            try $0.execute(
                sql: """
                    CREATE TEMP TRIGGER fault BEFORE \(place)
                    BEGIN SELECT RAISE(ABORT, 'fault'); END
                    """
            )
        }
        let isMerged = (try? bob.merge(delta: delta)) != nil
        let isWritten =
            (try? bob.write(author: "dave") {
                try $0.insert(
                    Sighting(
                        title: "新的",
                        latitude: ScaledDecimal(units: 300_000_000),
                        longitude: ScaledDecimal(units: 1_200_000_000)
                    )
                )
            }) != nil
        try bob.withDatabase { try $0.execute(sql: "DROP TRIGGER temp.fault") }
        // What touches no such row was recorded whole.
        #expect(!isMerged || !isWritten)
        let recorded = (isMerged ? 1 : 0) + (isWritten ? 1 : 0)
        #expect(try bob.status().entries == before.entries + recorded)
        if recorded == 0 {
            #expect(try bob.status() == before)
            #expect(try bob.read { try $0.log(limit: 100) } == log)
        }
        #expect(try bob.differences().isEmpty)
        try bob.merge(delta: delta)
        try bob.write { try $0.insert(Sighting(title: "再来", town: "t")) }
        #expect(try bob.differences().isEmpty)
        let own = try bob.read { try $0.outbox() }.map(\.entry).filter { $0.dot.replica == bob.id }
        #expect(own.map(\.dot.counter) == Array(1...UInt64(own.count)))
        #expect(try bob.records(of: Sighting.self).count == (isWritten ? 4 : 3))
    }

    @Test func `status is the same after a restart`() throws {
        let bench = try Workbench()
        var status: ReplicaStatus?
        do {
            let story = try RandomStory(bench, seed: 12)
            try story.play(steps: 40)
            #expect(throws: EditError.self) {
                try story.replicas[0]
                    .write { transaction in
                        try transaction.insert(Sighting(title: "x"))
                        try transaction.edit(RecordKey(type: 1, id: .named("?")), [.set(1, .null)])
                    }
            }
            status = try story.replicas[0].status()
        }
        #expect(try bench.replica().status() == status)
    }
}
