import Foundation
import SyncCore

/// Two devices, one sighting, no network: what an embedding app does, from start to end.
@main
struct PatrolNotes {
    static func main() throws {
        let folder =
            NSTemporaryDirectory() + "patrol-notes-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let schema = try Schema(records: [Sighting.mapping.schema])
        let boat = try Replica.open(at: folder + "/boat", schema: schema, author: "boat")
        let bank = try Replica.open(at: folder + "/bank", schema: schema, author: "bank")

        // Recorded on the boat; the write returns when it survives power loss.
        let sighting = try boat.write {
            var sighting = Sighting()
            sighting.title = "电鱼船一艘"
            sighting.nets = 5
            return try $0.insert(sighting)
        }
        try bank.merge(delta: boat.delta(for: bank.status()))

        // Both edit, out of each other's sight.
        try boat.write { try $0.update(sighting) { $0.method = "电鱼" } }
        try bank.write {
            try $0.update(sighting) {
                $0.method = "地笼"
                $0.nets = 6
                $0.tags.insert("夜间")
            }
        }

        // They meet. Nothing is lost: five and six nets make six, and both methods are kept.
        try bank.merge(delta: boat.delta(for: bank.status()))
        try boat.merge(delta: bank.delta(for: boat.status()))
        for conflict in try boat.conflicts(of: Sighting.self) {
            print("in dispute: \(conflict.fieldName)")
            for sibling in conflict.siblings {
                print("  \(sibling.stamp.author) wrote \(sibling.value)")
            }
            try boat.resolve(conflict, with: .text("电鱼"), reason: "现场复核")
        }
        try bank.merge(delta: boat.delta(for: bank.status()))

        guard let result = try bank.record(sighting),
            let story = try bank.why(sighting, \.method)
        else { fatalError("the sighting is gone") }
        print("settled: \(result.method ?? "-"), \(result.nets) nets, \(result.tags.sorted())")
        for write in story.writes {
            print("  \(write.stamp.author): \(write.value) \(write.reason) — \(write.fate)")
        }
        print("still open: \(try bank.conflicts().count)")
    }
}
