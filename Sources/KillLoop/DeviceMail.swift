import Foundation
import Replication
import SyncCore

/// Deltas from hand to hand, through a folder that all devices share.
///
/// Files are written as they are, so that a kill leaves half of one: whoever takes it must refuse
/// it and lose nothing.
struct DeviceMail {
    let folder: String
    let name: String
    /// The devices that receive everything; others cannot pass on what they have in part.
    let peers: [String]

    private func path(_ kind: String, _ parts: String...) -> String {
        folder + "/" + parts.joined(separator: "-") + "." + kind
    }

    /// Tells the others what is here, and sends one of them what it lacks.
    func send(from replica: Replica, _ dice: inout Dice) throws {
        guard peers.contains(name),
            let peer = peers.filter({ $0 != name }).randomElement(using: &dice)
        else { return }
        let status = try replica.status()
        var lines = ["cursor \(status.cursor)"]
        lines += status.knowledge.entries.map { "\($0.replica) \($0.counter)" }
        try write(Array(lines.joined(separator: "\n").utf8), to: path("status", name))
        guard let theirs = known(of: peer) else { return }
        let delta = try replica.delta(since: theirs.knowledge, cursor: theirs.cursor)
        try write(delta, to: path("delta", name, peer))
    }

    /// Merges what others have sent.
    ///
    /// - Returns: how many deltas were merged, and why others were refused.
    func take(into replica: Replica) throws -> (merged: Int, refused: [String]) {
        var result = (merged: 0, refused: [String]())
        for peer in peers where peer != name && peers.contains(name) {
            let file = path("delta", peer, name)
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            try? FileManager.default.removeItem(atPath: file)
            do {
                try replica.merge(delta: Array(data))
                result.merged += 1
            } catch let error as WireError {
                result.refused.append("\(error)")
            } catch let error as SyncError where error.code != .store {
                result.refused.append("\(error)")
            }
        }
        return result
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// What a peer had when it last said so; nil for none, and for half a file.
    private func known(of peer: String) -> (knowledge: VersionVector, cursor: UInt64)? {
        guard let data = FileManager.default.contents(atPath: path("status", peer)) else {
            return nil
        }
        var knowledge = VersionVector()
        var cursor: UInt64?
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let number = UInt64(parts[1]) else { return nil }
            if parts[0] == "cursor" {
                cursor = number
            } else if let replica = ReplicaID(String(parts[0])) {
                knowledge[replica] = number
            }
        }
        return cursor.map { (knowledge, $0) }
    }
}
