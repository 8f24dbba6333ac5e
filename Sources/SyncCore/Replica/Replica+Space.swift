import GRDB
import Replication

extension Replica {
    /// Whether the disk has run full: what is recorded is still kept and sent, from space that was
    /// kept back for it, and what others wrote is not received until there is space again.
    public var isShortOfSpace: Bool { core.withLock { !$0.file.reserve.isHeld } }
}

extension ReplicaCore {
    /// The largest answer that is followed on a full disk: acknowledgements, not pages of records.
    private static let answerBytesWithoutReserve = 4_096

    /// Runs the transaction of a local write.
    ///
    /// When the disk is full the space that was kept back is given, and the write is tried once more.
    func capture<T>(_ body: (Database) throws -> T) throws -> T {
        file.reserve.refill()
        // While space is short the log is used again from its start, so that it does not grow.
        defer { if !file.reserve.isHeld { writeBack() } }
        do {
            return try write(body)
        } catch let error as StoreError where error.code == .full && file.reserve.isEnabled {
            makeRoom()
            return try write(body)
        }
    }

    /// Gives the reserve, and the space of the write-ahead log.
    private func makeRoom() {
        _ = file.reserve.release()
        writeBack()
    }

    /// Writes the write-ahead log back and gives its space to the store.
    private func writeBack() {
        // On a full disk this may fail like everything else; then the next write says so.
        _ = try? read { try $0.checkpoint(.truncate) }
    }

    /// Refuses to receive while the space for capture is gone.
    func checkSpace(forAnswerOf bytes: Int) throws {
        guard bytes > ReplicaCore.answerBytesWithoutReserve, !file.reserve.refill() else { return }
        throw StoreError(
            .full,
            "the disk is full: what others wrote is not received until there is space; what is "
                + "recorded here is kept and sent; free some space"
        )
    }
}
