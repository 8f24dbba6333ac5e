import Foundation
import MergeServer
import Replication
import SyncCore
import Testing

/// The hub's storage in SQLite: the contract, and what concerns files.
@Suite struct SQLiteHubStorageTests {
    private let folder = Shelf()

    private var contract: HubStorageContract<SQLiteHubStorage> {
        HubStorageContract { try open() }
    }

    private func open() throws -> SQLiteHubStorage {
        try SQLiteHubStorage(folder: folder.path, schema: TestSchema.ruled())
    }

    @Test func `each replica has one registration`() throws {
        try contract.registersEachReplicaOnce()
    }

    @Test func `the order is dense and is the commit order, across replicas`() throws {
        try contract.numbersDenselyInCommitOrder()
    }

    @Test func `a repeated push changes nothing`() throws {
        try contract.takesARepeatedPushAsDone()
    }

    @Test func `a push with a gap is refused whole and says what is expected`() throws {
        try contract.refusesAGapWhole()
    }

    @Test func `another change under a stored number is a fork and nothing of it is stored`()
        throws
    {
        try contract.findsAForkAndStoresNothingOfIt()
    }

    @Test func `a change of several records is taken whole or not at all`() throws {
        try contract.refusesAChangeThatIsTorn()
    }

    @Test func `a peer's changes are stored once whoever brings them`() throws {
        try contract.takesAPeersChangesFromWhoeverBringsThem()
    }

    @Test func `a change that claims to have seen what nobody has brought is held apart`() throws {
        try contract.holdsApartWhatClaimsToHaveSeenAPeersUnknownChange()
    }

    @Test func `a hub that is behind what a device has seen takes nothing and holds nothing apart`()
        throws
    {
        try contract.takesNothingFromWhoHasSeenMoreThanItHas()
    }

    @Test func `a new epoch begins at the head and ends registrations`() throws {
        try contract.beginsAnEpochAtItsHead()
    }

    @Test func `what comes back is judged by the numbers of its epoch, however late it comes`()
        throws
    {
        try contract.judgesWhatComesBackByTheNumbersOfItsEpoch()
    }

    @Test func `news of earlier epochs that come without changes are told on`() throws {
        try contract.tellsNewsThatComeAlone()
    }

    @Test func `a change of another that follows a missing one is passed over`() throws {
        try contract.passesOverWhatFollowsAMissingChange()
    }

    @Test func `nobody can take the address of a record that another has yet to make`() throws {
        try contract.letsNobodyTakeAnothersAddress()
    }

    @Test func `a record comes with its identity the first time, made or not`() throws {
        try contract.introducesARecordWithItsFirstEntry()
    }

    @Test func `a batch over a limit is refused whole`() throws {
        try contract.refusesWhatIsOverALimit()
    }

    @Test func `what only the hub does is held apart, seals and ends too`() throws {
        try contract.holdsApartWhatOnlyTheHubDoes()
    }

    @Test func `a value that the schema does not admit is held apart`() throws {
        try contract.holdsApartValuesThatDoNotFit()
    }

    @Test func `a part of a stored change sent again is a repeat`() throws {
        try contract.takesATornRepeatAsARepeat()
    }

    @Test func `another change under a number that is held apart is a fork`() throws {
        try contract.findsAForkUnderAChangeThatIsHeldApart()
    }

    @Test func `another spelling of a stored change is a fork`() throws {
        try contract.takesAnotherSpellingForAFork()
    }

    @Test func `figures count changes and records as they stand`() throws {
        try contract.countsWhatStands()
    }

    @Test func `receipts are told once and bounds of them are kept`() throws {
        try contract.repeatsNoReceipts()
    }

    @Test func `a record that moves between two towns of a device stays on it`() throws {
        try contract.keepsWhatMovesBetweenTwoTownsOfADevice()
    }

    @Test func `a child's entries reach the scope that its parent moves into, at any page size`()
        throws
    {
        try contract.losesNoEntryOfAChildThatMoves()
    }

    @Test func `a record with several parents is where any of them is, and nowhere without one`()
        throws
    {
        try contract.followsEveryParentAndForgetsAClearedOne()
    }

    @Test func `a mass move comes in pages that a message can hold`() throws {
        try contract.carriesAMassMoveInPages()
    }

    @Test func `a device's own entries of a record that was never elsewhere are not sent to it`()
        throws
    {
        try contract.echoesNoEntryOfARecordThatWasNeverElsewhere()
    }

    @Test func `a scope that no record can have is refused`() throws {
        try contract.refusesScopesThatAreNone()
    }

    @Test func `a page of a transition brings receipts and checks the cursor`() throws {
        try contract.givesReceiptsDuringATransition()
    }

    @Test func `a write for want of authority is held apart and visible and the rest flows`()
        throws
    {
        try contract.holdsHubOnlyWritesApartAndLetsTheRestFlow()
    }

    @Test func `a clock that is ahead is bounded by the time of receipt`() throws {
        try contract.boundsClocksThatAreAhead()
    }

    @Test func `a page holds whole changes at every page size`() throws {
        try contract.neverTearsAChangeAtAnyPageSize()
    }

    @Test func `nobody receives their own changes or anything twice`() throws {
        try contract.sendsNothingTwiceAndNothingOfTheDevicesOwn()
    }

    @Test func `receipts say exactly where changes and their records stand`() throws {
        try contract.givesReceiptsExactly()
    }

    @Test func `what a peer brought is not sent again, only its receipts`() throws {
        try contract.sendsReceiptsInPlaceOfWhatAPeerBrought()
    }

    @Test func `a scope receives its records, their children and those of everyone`() throws {
        try contract.sendsAScopeItsRecordsAndThoseOfNoScope()
    }

    @Test func `a record that moves leaves one scope and enters the other with its history`()
        throws
    {
        try contract.movesARecordBetweenScopesWithItsHistoryAndItsChildren()
    }

    @Test func `a record whose scope is disputed is in both`() throws {
        try contract.keepsARecordInBothScopesWhileItsScopeIsDisputed()
    }

    @Test func `a child that came before its parent is in the parent's scope once that comes`()
        throws
    {
        try contract.findsAChildThatCameBeforeItsParent()
    }

    @Test func `a change of subscription comes in pages of the asked size`() throws {
        try contract.carriesOutAChangeOfSubscriptionInPages()
    }

    @Test func `a hub that is opened again has everything and goes on`() throws {
        var storage: SQLiteHubStorage? = try open()
        let desk = HubDesk(try #require(storage))
        let alice = try desk.register(People.alice, scopes: ["town=a"], tag: 5)
        let change = try desk.write(
            People.alice,
            People.sighting("a"),
            People.titled("一", town: "a")
        )
        let rule = RecordKey(type: 7, id: .named("rule"))
        try desk.write(People.alice, rule, [.create, .write(SlotKey(1), .text("自封"))])
        let before = try State(desk.storage)
        storage = nil
        // The desk still holds it: it is the same process, so it must be closed first.
        #expect(throws: StoreError.self) { try open() }
        try desk.storage.close()
        let again = try reopened(after: before)
        #expect(try again.registered(number: alice.number, tag: 5) == alice)
        let next = HubDesk(again)
        guard case .stored(let stored) = try next.append(change, from: People.alice) else {
            Issue.record("a repeat is a repeat after a restart")
            return
        }
        #expect(stored.repeated == 1)
        try next.write(People.bob, People.sighting("b"), People.titled("二"))
        #expect(try again.wholeLog().map(\.sequence) == [1, 2])
    }

    /// A copy of the folder, as after the end of the process.
    private func reopened(after before: State) throws -> SQLiteHubStorage {
        let copy = folder.path + "-copy"
        try FileManager.default.copyItem(atPath: folder.path, toPath: copy)
        folder.alsoRemove(copy)
        let storage = try SQLiteHubStorage(folder: copy, schema: TestSchema.ruled())
        #expect(try State(storage) == before)
        return storage
    }

    private struct State: Equatable {
        let epoch: Epoch
        let log: [Batch.Item]
        let picture: [String]
        let knowledge: VersionVector
        let head: UInt64
        let statistics: [Int]

        init(_ storage: SQLiteHubStorage) throws {
            epoch = storage.epoch
            log = try storage.wholeLog()
            picture = try Picture.of(storage)
            knowledge = try storage.knowledge()
            head = try storage.statistics().head
            let figures = try storage.statistics()
            statistics = [
                figures.quarantined, figures.records, figures.conflicts, figures.replicas,
            ]
        }
    }

    @Test func `a device's store is no hub and a hub is no device's store`() throws {
        let device = try Replica.open(
            at: folder.path + "/device",
            schema: TestSchema.ruled(),
            author: "alice"
        )
        try device.write { try $0.insert(Errand()) }
        let path = device.folder
        #expect(throws: StoreError.self) {
            try SQLiteHubStorage(folder: path, schema: TestSchema.ruled())
        }
        #expect(try device.records(of: Errand.self).count == 1)
    }

    @Test func `a closed device's store is refused as a hub by name and stays as it was`() throws {
        let path = folder.path + "/device"
        var device: Replica? = try Replica.open(
            at: path,
            schema: TestSchema.ruled(),
            author: "alice"
        )
        try device?.write { try $0.insert(Errand()) }
        device = nil
        let error = #expect(throws: StoreError.self) {
            try SQLiteHubStorage(folder: path, schema: TestSchema.ruled())
        }
        #expect(error?.code == .foreign)
        let again = try Replica.open(at: path, schema: TestSchema.ruled(), author: "alice")
        #expect(try again.records(of: Errand.self).count == 1)
    }

    @Test func `a hub's folder is refused as a device's store by name`() throws {
        var storage: SQLiteHubStorage? = try open()
        try HubDesk(try #require(storage))
            .write(
                People.alice,
                People.sighting("a"),
                People.titled("一")
            )
        storage = nil
        let error = #expect(throws: StoreError.self) {
            try Replica.open(at: folder.path, schema: TestSchema.ruled(), author: "alice")
        }
        #expect(error?.code == .foreign)
        #expect(try open().wholeLog().count == 1)
    }
}

/// A folder that goes with the test.
final class Shelf {
    let path = Fleet.newFolder()
    private var others: [String] = []

    func alsoRemove(_ path: String) { others.append(path) }

    deinit {
        for path in [path] + others { try? FileManager.default.removeItem(atPath: path) }
    }
}
