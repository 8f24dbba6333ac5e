import DiskFaults
import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// The SQLite hub and deleted records: the contract, the space that comes back, a disk that fails.
@Suite struct SQLiteHubCollectionTests {
    private let shelf = Shelf()

    private var contract: HubStorageContract<SQLiteHubStorage> {
        HubStorageContract {
            try SQLiteHubStorage(folder: shelf.path + "/hub", schema: TestSchema.ruled())
        }
    }

    @Test func `a record is closed after thirty days and then collected`() throws {
        try contract.closesAfterThirtyDaysAndCollectsWhatIsClosed()
    }

    @Test func `the days count from the receipt`() throws {
        try contract.countsTheDaysFromTheReceiptAndNotByDevicesClocks()
    }

    @Test func `everybody who has written or registered is waited for`() throws {
        try contract.waitsForEverybodyWhoHasWrittenOrRegistered()
    }

    @Test func `what is still to be pushed is waited for`() throws {
        try contract.waitsForWhatIsStillToBePushed()
    }

    @Test func `who was retired is not waited for and is taken back`() throws {
        try contract.doesNotWaitForWhoWasRetiredAndTakesThemBack()
    }

    @Test func `evidence is never collected`() throws { try contract.collectsNoEvidence() }

    @Test func `what a newer schema knows is looked at again`() throws {
        try contract.looksAgainAtWhatANewerSchemaKnows {
            try SQLiteHubStorage(folder: shelf.path + "/hub", schema: TestSchema.newer())
        }
    }

    @Test func `a collected change is known when it comes again`() throws {
        try contract.knowsACollectedChangeWhenItComesAgain()
    }

    @Test func `no device collects`() throws { try contract.letsNoDeviceCollect() }

    @Test func `a dry run changes nothing`() throws { try contract.changesNothingInADryRun() }

    @Test func `the disk gets its space back and the log stays short`() throws {
        let storage = try contract.make()
        let desk = HubDesk(storage)
        let text = String(repeating: "很长的说明，", count: 200)
        var highest = 0
        for number in 0..<1_000 {
            let key = RecordKey(type: 3, id: .named("\(number)"))
            try desk.write(
                People.alice,
                key,
                [.create, .write(SlotKey(1), .text("\(number) \(text)"))]
            )
            try desk.write(People.alice, key, [.delete(reason: "")])
        }
        func see() throws {
            let head = try storage.statistics().head
            try storage.note(
                HubContact(replica: People.alice, cursor: head, seen: head, at: desk.now)
            )
        }
        try see()
        _ = try storage.compact(.init(), now: desk.now)
        desk.now += 31 * HubCompaction.day
        #expect(try storage.compact(.init(), now: desk.now).closed == 1_000)
        try see()
        let report = try storage.compact(.init(), now: desk.now)
        highest = FaultFiles.bytes(of: storage.folder + "/store.sqlite-wal")
        #expect(report.collected == 1_000)
        #expect(report.fileBytesBefore > 4 << 20)
        #expect(report.fileBytesAfter < report.fileBytesBefore / 4)
        #expect(highest == 0)
    }

    /// A hub where some errands are closed, some deleted long ago, and alice knows of it all.
    private func base() throws -> String {
        let disk = try FaultDisk()
        let storage = try HubScene.open(in: shelf.path + "/hub", on: disk)
        let desk = HubDesk(storage)
        _ = try desk.register(People.alice, tag: 5)
        func end(_ names: [String]) throws {
            for name in names {
                let key = RecordKey(type: 3, id: .named(name))
                let text = String(repeating: "说明", count: 2_000)
                try desk.write(People.alice, key, [.create, .write(SlotKey(1), .text(text))])
                try desk.write(People.alice, key, [.delete(reason: "")])
            }
        }
        func see() throws {
            let head = try storage.statistics().head
            try storage.note(
                HubContact(replica: People.alice, cursor: head, seen: head, at: desk.now)
            )
        }
        try end(["a", "b"])
        _ = try storage.compact(.init(), now: desk.now)
        desk.now += 31 * HubCompaction.day
        _ = try storage.compact(.init(), now: desk.now)
        try end(["c", "d"])
        try see()
        // The note is written, so that the loop's process knows it.
        _ = try storage.roster(now: desk.now)
        let folder = shelf.path + "/base"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FaultFiles.copyStore(from: storage.folder, to: folder)
        return folder
    }

    @Test func `what the loop rehearses closes two records and collects two`() throws {
        let storage = try HubScene.open(in: base(), on: FaultDisk())
        var options = HubCompaction.Options()
        options.olderThan = 0
        let now = 1_785_744_000_000 + 40 * HubCompaction.day
        let report = try storage.compact(options, now: now)
        #expect((report.closed, report.collected) == (2, 2))
    }

    @Test(arguments: DiskFault.standard)
    func `a compaction is done or not, whatever fails`(fault: DiskFault) throws {
        var options = HubCompaction.Options()
        options.olderThan = 0
        try DiskLoops.expectNothingBetween(
            HubScene { storage in
                // A second try, after a fault that struck behind the commit, finds nothing to do.
                let now = 1_785_744_000_000 + 40 * HubCompaction.day
                _ = try storage.compact(options, now: now)
            },
            base: base(),
            work: shelf.path + "/loop",
            fault
        )
    }
}
