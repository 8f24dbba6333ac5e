import Interchange
import Replication
import SyncCore

/// What a first reading of the whole trace found out: that it can be run, and what to expect.
struct ReplayPlan {
    /// The number of events.
    private(set) var events = 0
    /// The devices in the order of their first events.
    private(set) var devices: [String] = []
    /// Per device, the line of its last event and whether that is a sync.
    private(set) var last: [String: (line: Int, isSync: Bool)] = [:]
    private var snapshots: Set<String> = []
    private var increments: Int64 = 0

    /// Reads the trace to its end.
    ///
    /// - Throws: `ReplayError` for the first line that cannot be run.
    init(_ trace: ReplayTrace, reader: ReplayEventReader) throws {
        try trace.forEach { line, value in
            try add(try reader.event(value, line: line))
        }
        guard events > 0 else { throw ReplayError(line: nil, key: nil, "the trace has no event") }
    }

    private mutating func add(_ event: ReplayEvent) throws(ReplayError) {
        events += 1
        if last[event.device] == nil {
            devices.append(event.device)
        }
        var isSync = false
        switch event.action {
        case .sync: isSync = true
        case .snapshot(let name): snapshots.insert(name)
        case .restore(let name):
            guard snapshots.contains(name) else {
                throw ReplayError(
                    line: event.line,
                    key: "name",
                    "no snapshot \"\(name)\" has been taken before this line"
                )
            }
        case .write(let operations): try count(operations, event)
        case .restart, .clock: break
        }
        last[event.device] = (event.line, isSync)
    }

    /// Running totals must fit 64 bits, and whether they will is known only if all of them do.
    private mutating func count(
        _ operations: [ReplayOperation],
        _ event: ReplayEvent
    ) throws(ReplayError) {
        for operation in operations {
            let (sum, overflow) = increments.addingReportingOverflow(operation.increment)
            guard !overflow else {
                throw ReplayError(
                    line: event.line,
                    key: "by",
                    "the trace's increments add up to more than 64 bits hold"
                )
            }
            increments = sum
        }
    }
}

/// Names of files and folders for any name.
enum FileName {
    /// Longer ones are cut: most file systems take 255 bytes.
    private static let bytesMax = 200

    /// The name with everything escaped that could mean something to a file system; different names
    /// have different files, and `hub.jsonl` is the hub's.
    static func of(_ name: String) -> String {
        var result = ""
        for (index, scalar) in name.unicodeScalars.enumerated() {
            let isPlain =
                scalar.value > 0x9F || scalar.properties.isAlphabetic
                || ("0"..."9").contains(scalar) || "-_ ".unicodeScalars.contains(scalar)
                || (scalar == "." && index > 0)
            if isPlain, !scalar.properties.isWhitespace || scalar == " ",
                name != "hub" || index > 0
            {
                result.unicodeScalars.append(scalar)
            } else {
                for byte in String(scalar).utf8 { result += escaped(byte) }
            }
        }
        guard result.utf8.count > bytesMax else { return result }
        var hash = StableHash()
        hash.add(name.utf8)
        var cut = ""
        for scalar in result.unicodeScalars {
            guard cut.utf8.count + UTF8.width(scalar) <= bytesMax else { break }
            cut.unicodeScalars.append(scalar)
        }
        // No escape looks like this.
        return cut + "%~" + hash.text
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + String(repeating: "0", count: 2 - digits.count) + digits
    }
}
