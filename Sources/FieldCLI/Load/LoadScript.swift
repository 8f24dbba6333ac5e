import Models
import Replication
import SyncCore

/// What devices under load write: a real finding and real edits of one, as the core wrote them down.
struct LoadScript: Sendable {
    /// Makes a finding.
    let creation: [Replication.Operation.Action]
    /// Edits of it, one change each.
    let edits: [[Replication.Operation.Action]]

    /// Records a finding and its edits in a store of its own, which can be deleted afterwards, and
    /// reads what they would push.
    init(in folder: String) throws {
        let replica = try Replica.open(at: folder, schema: District.schema, author: "load")
        let finding = try replica.write { transaction in
            var finding = Finding()
            finding.title = "电鱼：两人一船，船上有电瓶与抄网"
            finding.matter = "electro-fishing"
            finding.town = "330502105"
            finding.latitude = ScaledDecimal(units: 308_721_234)
            finding.longitude = ScaledDecimal(units: 1_201_456_789)
            finding.reach = "大钱港东段"
            return try transaction.insert(finding)
        }
        try replica.write { try $0.update(finding) { $0.priority = 2 } }
        try replica.write { try $0.update(finding) { $0.hazardLevel = 3 } }
        try replica.write { try $0.update(finding) { $0.title = "电鱼：已劝离，器具登记" } }
        try replica.write { try $0.update(finding) { $0.reach = "大钱港东段，水闸下游二百米" } }
        let effect = SyncSession.Effect.prepare(pushBytesMax: 1 << 20, pullBytesMax: 0)
        guard case .prepared(let request, _, _)? = replica.perform(effect),
            let push = try SyncRequest.decode(request, dictionaries: []).push
        else { throw SyncError(.store, "the store made no request") }
        let changes = try SyncRequest.decodePush(push) { _ in nil }.entries.map(\.entry.actions)
        creation = changes.first ?? []
        edits = Array(changes.dropFirst())
    }

    /// The actions of a device's change: a new finding each ten changes, edits between.
    func actions(of counter: UInt64) -> [Replication.Operation.Action] {
        isCreation(counter) ? creation : edits[Int(counter % UInt64(edits.count))]
    }

    func isCreation(_ counter: UInt64) -> Bool { counter % 10 == 1 }
}
