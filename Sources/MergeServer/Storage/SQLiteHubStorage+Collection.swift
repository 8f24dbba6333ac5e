import Foundation
public import SyncCore
import Synchronization

/// What exchanges have told and the file does not hold yet.
///
/// An idle exchange writes nothing for it: what is lost in a crash only makes the hub wait longer.
final class HubContacts: Sendable {
    private let pending = Mutex<[ReplicaID: HubContact]>([:])

    /// Takes a contact; whether it is time to write them all.
    func add(_ contact: HubContact) -> Bool {
        pending.withLock { pending in
            var contact = contact
            // A push of peers' changes only says nothing new.
            if contact.seen == nil { contact.seen = pending[contact.replica]?.seen }
            pending[contact.replica] = contact
            let oldest = pending.values.map(\.at).min() ?? contact.at
            return pending.count >= 256 || contact.at - oldest >= 60_000
        }
    }

    /// Takes what is there, by replica.
    func take() -> [HubContact] {
        pending.withLock { pending in
            defer { pending = [:] }
            return pending.values.sorted { $0.replica < $1.replica }
        }
    }

    /// Gives back what could not be written.
    func giveBack(_ contacts: [HubContact]) {
        pending.withLock { pending in
            for contact in contacts where pending[contact.replica] == nil {
                pending[contact.replica] = contact
            }
        }
    }
}

extension SQLiteHubStorage {
    /// Notes where a replica stands, as its exchange told.
    public func note(_ contact: HubContact) throws {
        if contacts.add(contact) { try writeContacts(now: contact.at) }
    }

    func writeContacts(now: Int64) throws {
        try withContacts { contacts in
            try core.withLock { core in
                try core.write { try core.updateRoster(contacts, now: now, $0) }
            }
        }
    }

    private func withContacts<T>(_ body: ([HubContact]) throws -> T) throws -> T {
        let taken = contacts.take()
        do {
            return try body(taken)
        } catch {
            contacts.giveBack(taken)
            throw error
        }
    }

    /// Every replica that has written or registered, by id.
    public func roster(now: Int64) throws -> [HubReplica] {
        try writeContacts(now: now)
        return try core.withLock { core in try core.read { try core.roster($0) } }
    }

    /// Takes a replica off the roster, so that nobody waits for it any more.
    ///
    /// It is told to discard nothing, and is on the roster again when it comes back.
    @discardableResult
    public func retire(
        _ replica: ReplicaID,
        reason: String,
        silentFor: Int64,
        now: Int64
    ) throws -> HubReplica {
        try writeContacts(now: now)
        return try core.withLock { core in
            try core.write {
                try core.retire(replica, reason: reason, silentFor: silentFor, now: now, $0)
            }
        }
    }

    /// Closes what was deleted long ago, collects what was closed and everybody knows, and gives the
    /// space back.
    ///
    /// Works in many small transactions; others write between them.
    public func compact(_ options: HubCompaction.Options, now: Int64) throws -> HubCompaction {
        var report = HubCompaction()
        let before = fileBytes
        var record: Int64? = 0
        while let after = record {
            record = try withContacts { contacts in
                try core.withLock {
                    try $0.compact(after: after, contacts, options, now: now, into: &report)
                }
            }
        }
        if !options.isDryRun {
            // What was collected is collected, also where the disk does not take its space back now.
            do { try core.withLock { try $0.returnSpace() } } catch {
                report.spaceFailure = "\(error)"
            }
        }
        report.fileBytesBefore = before
        report.fileBytesAfter = fileBytes
        return report
    }

    private var fileBytes: UInt64 {
        ["store.sqlite", "store.sqlite-wal"]
            .reduce(0) { sum, name in
                let path = folder + "/" + name
                let size = try? FileManager.default.attributesOfItem(atPath: path)[.size]
                return sum + ((size as? UInt64) ?? 0)
            }
    }
}
