import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// A delta file, a request or a response as JSON.
struct FrameReport {
    let path: String

    /// The dictionary of the seeds, else of the store that commands use.
    private var dictionaries: [CompressionDictionary] {
        let environment = ProcessInfo.processInfo.environment
        let folders = [
            try? Seeds.find(nil).folder, environment["FIELD_STORE"],
            environment["HOME"].map { $0 + "/.field" },
        ]
        let found = folders.compactMap { $0 }.lazy.compactMap { Seeds.dictionary(in: $0) }.first
        return found.map { [$0] } ?? []
    }

    /// Reads the bytes as what they are.
    func json(_ bytes: [UInt8]) throws -> JSONValue {
        if bytes.starts(with: DeltaFile.magic.prefix(3)) {
            do { return delta(try DeltaFile(bytes, dictionaries: dictionaries), bytes.count) } catch
            {
                throw Failure.input(Messages.file(path, "\(error)"))
            }
        }
        var problems: [String] = []
        do { return try request(bytes) } catch { problems.append("\(error)") }
        do { return try response(bytes) } catch { problems.append("\(error)") }
        throw Failure.input(
            Messages.file(path, Messages.noFrame + ": " + problems.joined(separator: "; "))
        )
    }

    private func delta(_ file: DeltaFile, _ size: Int) -> JSONValue {
        .object([
            "kind": "delta", "bytes": .integer(Int64(size)),
            "epoch": file.epoch.map { .string($0.description) } ?? .null,
            "receipts": .array(file.receipts.map(receipts)),
            "heldApart": .array(
                file.heldApart.map { run in
                    .object([
                        "replica": .string(run.replica.description),
                        "first": .integer(Int64(clamping: run.first)),
                        "count": .integer(Int64(clamping: run.count)),
                    ])
                }
            ),
            "entries": .array(file.batch.entries.map(entry)),
        ])
    }

    private func request(_ bytes: [UInt8]) throws -> JSONValue {
        let (request, push) = try SyncRequest.decode(bytes, dictionaries: dictionaries)
        var batch = Batch(isSequenced: false)
        if let push { batch = try SyncRequest.decodePush(push, resolve: placeholder) }
        let caller: JSONValue =
            switch request.caller {
            case .registered(let number, let tag):
                .object([
                    "registration": .integer(Int64(clamping: number)), "tag": .integer(Int64(tag)),
                ])
            case .introduction(let introduction):
                .object([
                    "replica": .string(introduction.replica.description),
                    "epoch": introduction.epoch.map { .string($0.description) } ?? .null,
                    "schemaVersion": .integer(Int64(introduction.schemaVersion)),
                    "acknowledged": .integer(Int64(clamping: introduction.acknowledged)),
                    "dictionary": .integer(Int64(introduction.dictionaryVersion)),
                    "scopes": .array(introduction.scopes.map { .string($0) }),
                ])
            }
        return .object([
            "kind": "request", "bytes": .integer(Int64(bytes.count)), "caller": caller,
            "cursor": .integer(Int64(clamping: request.cursor)),
            "held": .array(request.held.entries.map { .string("\($0.replica):\($0.counter)") }),
            "unplaced": .array(
                request.unplaced.entries.map { .string("\($0.replica):\($0.counter)") }
            ),
            "pushBytesInflated": .integer(Int64(push?.count ?? 0)),
            "entries": .array(batch.entries.map(entry)),
        ])
    }

    private func response(_ bytes: [UInt8]) throws -> JSONValue {
        let response = try SyncResponse.decode(
            bytes,
            dictionaries: dictionaries,
            resolve: placeholder
        )
        return .object([
            "kind": "response", "bytes": .integer(Int64(bytes.count)),
            "status": .string("\(response.status)"),
            "registration": response.registration.map {
                .object([
                    "number": .integer(Int64(clamping: $0.number)), "tag": .integer(Int64($0.tag)),
                    "epoch": .string($0.epoch.description),
                ])
            } ?? .null,
            "through": .integer(Int64(clamping: response.through)),
            "head": .integer(Int64(clamping: response.head)),
            "receipts": .array(response.receipts.map(receipts)),
            "leaves": .array(response.leaves.map { .integer(Int64(clamping: $0)) }),
            "quarantined": .array(
                response.quarantined.map {
                    .object([
                        "counter": .integer(Int64(clamping: $0.counter)),
                        "reason": .string($0.reason),
                    ])
                }
            ),
            "entries": .array(response.entries.entries.map(entry)),
        ])
    }

    /// A record that a message names by the hub's number only.
    private func placeholder(_ number: UInt64) -> RecordKey? {
        RecordKey(type: 0, id: .named("#\(number)"))
    }

    private func entry(_ item: Batch.Item) -> JSONValue {
        let logged = LogTable.json(item.entry, sequence: item.sequence == 0 ? nil : item.sequence)
        guard var object = logged.object else { return logged }
        if let number = item.recordNumber {
            object["recordNumber"] = .integer(Int64(clamping: number))
        }
        return .object(object)
    }

    private func receipts(_ receipts: SyncResponse.ReplicaReceipts) -> JSONValue {
        .object([
            "replica": .string(receipts.replica.description),
            "runs": .array(
                receipts.runs.map {
                    .object([
                        "first": .integer(Int64(clamping: $0.first)),
                        "count": .integer(Int64(clamping: $0.count)),
                        "sequence": .integer(Int64(clamping: $0.sequence)),
                    ])
                }
            ),
        ])
    }
}
