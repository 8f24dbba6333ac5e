import Interchange
import Replication
import SyncCore

/// Reads events from the lines of a trace and checks all that can be known without running them.
struct ReplayEventReader {
    let names: ReplayNames

    /// The longest name of a device, record, snapshot or entry, in bytes: what the protocol takes.
    static let nameBytesMax = 1_024
    /// Times from 1900 to 2200: beyond them something is in seconds or microseconds.
    static let times: ClosedRange<Int64> = -2_208_988_800_000...7_258_118_400_000

    /// Reads the event of one line.
    func event(_ value: JSONValue, line: Int) throws(ReplayError) -> ReplayEvent {
        guard let object = value.object else {
            throw ReplayError(line: line, key: nil, "is a \(value.kindName); an event is an object")
        }
        let keys = ReplayKeys(object: object, line: line)
        let at = try keys.integer("at")
        guard ReplayEventReader.times.contains(at) else {
            throw keys.failure("at", "\(at) is no time in ms since 1970, 1900 to 2200")
        }
        let device = try keys.name("device", bytesMax: ReplayEventReader.nameBytesMax)
        let verb = try keys.string("do")
        return ReplayEvent(
            line: line,
            at: at,
            device: device,
            verb: verb,
            action: try action(verb, keys)
        )
    }

    private func action(
        _ verb: String,
        _ keys: ReplayKeys
    ) throws(ReplayError) -> ReplayEvent.Action {
        switch verb {
        case "sync": return .sync(try fault(keys), budget: try budget(keys))
        case "restart": return .restart
        case "clock":
            let offset = try keys.integer("offset")
            guard ReplayEventReader.times.contains(offset) else {
                throw keys.failure("offset", "\(offset) ms is more than centuries")
            }
            return .clock(offset: offset)
        case "snapshot":
            return .snapshot(name: try keys.name("name", bytesMax: ReplayEventReader.nameBytesMax))
        case "restore":
            return .restore(name: try keys.name("name", bytesMax: ReplayEventReader.nameBytesMax))
        case "transaction": return .write(try fitting(try operations(keys), keys, "ops"))
        default:
            let operation = try ReplayOperationReader(names: names).operation(verb, keys)
            return .write(try fitting([operation], keys, "fields"))
        }
    }

    private func fault(_ keys: ReplayKeys) throws(ReplayError) -> ReplayFault? {
        guard let name = try keys.optionalString("fault") else { return nil }
        guard let fault = ReplayFault(rawValue: name) else {
            let known = ReplayFault.allCases.map(\.rawValue).joined(separator: ", ")
            throw keys.failure("fault", "\"\(name)\" is no fault; there are \(known)")
        }
        return fault
    }

    private func budget(_ keys: ReplayKeys) throws(ReplayError) -> Int? {
        guard let value = keys.object["budget"], !value.isNull else { return nil }
        guard let bytes = value.integer, bytes > 0, let budget = Int(exactly: bytes) else {
            throw keys.failure("budget", "a budget is a number of bytes, 1 or more")
        }
        return budget
    }

    /// One change holds so much; nothing may fail on it once the run has begun.
    private func fitting(
        _ operations: [ReplayOperation],
        _ keys: ReplayKeys,
        _ key: String
    ) throws(ReplayError) -> [ReplayOperation] {
        let size = operations.reduce(0) { $0 + $1.size }
        guard size <= Transaction.bytesMax else {
            throw keys.failure(
                key,
                "holds \(size) bytes of values; at most \(Transaction.bytesMax) in one change"
            )
        }
        return operations
    }

    private func operations(_ keys: ReplayKeys) throws(ReplayError) -> [ReplayOperation] {
        guard let list = keys.object["ops"]?.array else {
            throw keys.failure("ops", "a transaction has a list of operations")
        }
        let reader = ReplayOperationReader(names: names)
        var operations: [ReplayOperation] = []
        for (index, value) in list.enumerated() {
            guard let object = value.object else {
                throw keys.failure("ops[\(index)]", "is a \(value.kindName), not an operation")
            }
            let inner = ReplayKeys(object: object, line: keys.line, prefix: "ops[\(index)].")
            operations.append(try reader.operation(try inner.string("do"), inner))
        }
        let records = Set(operations.map(\.key)).count
        guard records <= Transaction.recordsMax else {
            throw keys.failure(
                "ops",
                "\(records) records in one transaction; at most \(Transaction.recordsMax)"
            )
        }
        return operations
    }
}

/// The members of one object of a trace, with errors that name the line and the key.
struct ReplayKeys {
    let object: JSONObject
    let line: Int
    var prefix = ""

    func failure(_ key: String, _ reason: String) -> ReplayError {
        ReplayError(line: line, key: prefix + key, reason)
    }

    func integer(_ key: String) throws(ReplayError) -> Int64 {
        guard let value = object[key] else { throw failure(key, "is missing; a whole number") }
        guard let number = value.integer else {
            throw failure(key, "is \(value.kindName == "number" ? "no whole" : "no") number")
        }
        return number
    }

    func optionalString(_ key: String) throws(ReplayError) -> String? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let text = value.string else {
            throw failure(key, "is a \(value.kindName), not a string")
        }
        return text
    }

    func string(_ key: String) throws(ReplayError) -> String {
        guard let text = try optionalString(key) else {
            throw failure(key, "is missing; a string")
        }
        return text
    }

    func name(_ key: String, bytesMax: Int) throws(ReplayError) -> String {
        let name = try string(key)
        guard !name.isEmpty, name.utf8.count <= bytesMax, !name.utf8.contains(0) else {
            throw failure(key, "names have 1 to \(bytesMax) bytes, none of them U+0000")
        }
        return name
    }
}
