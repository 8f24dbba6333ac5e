public import Replication
public import SyncCore

/// The check of several stores' files together: each by itself, and what they say of each other.
///
/// A hub and its devices may be given in any number and order; stores of different hubs, by their
/// epochs, are compared only in that a change has one content everywhere.
public struct FleetVerification: Sendable {
    /// The stores, in the order given.
    public let stores: [StoreVerification]
    /// What the stores contradict each other in.
    public private(set) var contradictions: [StoreFinding] = []

    /// Everything that was found.
    public var findings: [StoreFinding] { stores.flatMap(\.findings) + contradictions }

    private let hubs: [Int: HubTables]

    /// Checks stores.
    ///
    /// - Parameters:
    ///   - paths: the stores' folders or files.
    ///   - schema: the record types.
    ///   - progress: which store is looked at, and how many of its records of how many are done.
    /// - Throws: `StoreError` when one is no store of this product.
    public init(
        of paths: [String],
        schema: Schema,
        progress: (_ store: String, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    ) throws {
        var checked: [Int: StoreVerification] = [:]
        var hubs: [Int: HubTables] = [:]
        // Hubs last: one that takes changes meanwhile then has what the devices have been told.
        let isHub = paths.map { StoreVerification.holdsHub($0) }
        for index in paths.indices.filter({ !isHub[$0] }) + paths.indices.filter({ isHub[$0] }) {
            let path = paths[index]
            var tables = HubTables()
            let store = try StoreVerification(of: path, schema: schema) {
                progress(path, $0, $1)
            } also: { check, db in
                if check.account.isHub { try tables.check(check, db) }
            }
            if store.isHub { hubs[index] = tables }
            checked[index] = store
        }
        let stores = paths.indices.compactMap { checked[$0] }
        self.stores = stores
        self.hubs = hubs
        compareContents()
        compareShown()
        for (index, tables) in hubs.sorted(by: { $0.key < $1.key }) {
            let hub = Hub(stores[index], tables)
            for device in stores where !device.isHub && device.epoch == hub.store.epoch {
                contradictions += hub.contradictions(of: device)
            }
        }
    }

    /// I2 over all stores: what stands under one name is the same everywhere.
    private mutating func compareContents() {
        guard stores.count > 1 else { return }
        var first: [StoreAccount.EntryKey: (content: Int, store: Int)] = [:]
        for (index, store) in stores.enumerated() {
            for (key, mark) in store.account.entries.sorted(by: { $0.key < $1.key }) {
                guard let other = first[key] else {
                    first[key] = (mark.content, index)
                    continue
                }
                guard other.content != mark.content else { continue }
                contradictions.append(
                    StoreFinding(
                        .exactlyOnce,
                        store: store.path,
                        place: "\(key.dot) part \(key.part)",
                        "has another content in \(stores[other.store].path): one of them is a "
                            + "clone that has not synced, or was altered"
                    )
                )
            }
        }
    }

    /// I7 over all stores: who has the same entries of a record, all numbered, shows the same of it.
    private mutating func compareShown() {
        guard stores.count > 1 else { return }
        struct Version: Hashable {
            let record: RecordKey
            let entries: Set<StoreAccount.EntryKey>
        }
        var first: [Version: (shown: Int, store: Int)] = [:]
        for (index, store) in stores.enumerated() {
            var entries: [Int64: Set<StoreAccount.EntryKey>] = [:]
            var unnumbered: Set<Int64> = []
            for (key, mark) in store.account.entries {
                entries[mark.record, default: []].insert(key)
                if mark.sequence == nil { unnumbered.insert(mark.record) }
            }
            for (number, mark) in store.account.records.sorted(by: { $0.key < $1.key })
            where !mark.hasLeft && !unnumbered.contains(number) {
                let version = Version(record: mark.key, entries: entries[number] ?? [])
                guard let other = first[version] else {
                    first[version] = (mark.shown, index)
                    continue
                }
                guard other.shown != mark.shown else { continue }
                contradictions.append(
                    StoreFinding(
                        .convergence,
                        store: store.path,
                        place: "\(mark.key)",
                        "shows something else than \(stores[other.store].path), which has the "
                            + "same changes of it"
                    )
                )
            }
        }
    }
}

/// A hub's file, to hold devices' files against.
private struct Hub {
    let store: StoreVerification
    private let tables: HubTables
    private var account: StoreAccount { store.account }
    /// The entries by their number.
    private let order: [UInt64: StoreAccount.EntryKey]

    init(_ store: StoreVerification, _ tables: HubTables) {
        self.store = store
        self.tables = tables
        var order: [UInt64: StoreAccount.EntryKey] = [:]
        for (key, mark) in store.account.entries {
            if let sequence = mark.sequence { order[sequence] = key }
        }
        self.order = order
    }

    func contradictions(of device: StoreVerification) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        func note(_ invariant: StoreFinding.Invariant, _ place: String, _ problem: String) {
            findings.append(
                StoreFinding(invariant, store: device.path, place: place, problem)
            )
        }
        if device.cursor > account.cursor {
            note(
                .cursorHonesty,
                "cursor",
                "has seen the order up to \(device.cursor); the hub has \(account.cursor)"
            )
        }
        let entries = device.account.entries.sorted { $0.key < $1.key }
        for (key, mark) in entries {
            let place = "\(key.dot) part \(key.part)"
            if let sequence = mark.sequence, order[sequence] != key {
                note(
                    .noLoss,
                    place,
                    "has the hub's number \(sequence), where the hub has "
                        + (order[sequence].map { "\($0.dot) part \($0.part)" } ?? "nothing")
                )
            }
            let isAcknowledged =
                key.dot.replica == device.replica
                && key.dot.counter <= device.account.acknowledged
            if isAcknowledged, account.entries[key] == nil, !account.heldApart.contains(key.dot) {
                note(.noLoss, place, "is acknowledged, and the hub does not have it")
            }
        }
        checkHonesty(of: device, note)
        return findings
    }

    /// I4: of the records in a device's scopes it has every entry up to its cursor.
    private func checkHonesty(
        of device: StoreVerification,
        _ note: (StoreFinding.Invariant, String, String) -> Void
    ) {
        guard !device.account.isInTransition else { return }
        let scopes = device.account.scopes
        let wanted = scopes.isEmpty ? [] : scopes + [ScopeMoves.everyone, device.replica.ownScope]
        let numbers = wanted.compactMap { tables.scopes[$0] }
        func isHeld(_ record: Int64) -> Bool {
            guard !scopes.isEmpty else { return true }
            guard let member = tables.memberships[record] else { return false }
            return numbers.contains { member[$0].map { $0 <= device.cursor } ?? false }
        }
        var sequence: UInt64 = 1
        while sequence <= min(device.cursor, account.cursor) {
            defer { sequence += 1 }
            guard let key = order[sequence], device.account.entries[key] == nil,
                let mark = account.entries[key], isHeld(mark.record)
            else { continue }
            note(
                .cursorHonesty,
                "\(key.dot) part \(key.part)",
                "stands at \(sequence) in the hub, within the cursor \(device.cursor), and is "
                    + "not here"
            )
        }
    }
}
