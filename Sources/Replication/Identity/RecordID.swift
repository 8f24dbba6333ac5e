/// The identity of a record within its type.
///
/// A record made by a device is named by the change that made it, which costs next to nothing on
/// the wire and cannot collide. A record with a name of its own (a town's code, an imported key)
/// is the same record wherever that name is created: two devices that create it offline have made
/// one record, and its fields merge.
public enum RecordID: Sendable {
    /// Made by this change, as its `index`-th new record, from 0.
    case created(by: Dot, index: UInt32)
    /// Named from outside. Names are compared as bytes, as SQLite does, not by Unicode canonical
    /// equivalence as `String` does.
    case named(String)
}

extension RecordID: Hashable {
    /// Whether both name the same record: byte for byte.
    public static func == (lhs: RecordID, rhs: RecordID) -> Bool {
        switch (lhs, rhs) {
        case (.created(let left, let leftIndex), .created(let right, let rightIndex)):
            left == right && leftIndex == rightIndex
        case (.named(let left), .named(let right)): left.hasSameBytes(as: right)
        default: false
        }
    }

    /// Hashes the bytes that `==` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .created(let dot, let index):
            hasher.combine(dot)
            hasher.combine(index)
        case .named(let name):
            hasher.combineBytes(of: name)
        }
    }
}

extension RecordID: Comparable {
    /// Created records first, by dot and index; then named ones, by their bytes.
    public static func < (lhs: RecordID, rhs: RecordID) -> Bool {
        switch (lhs, rhs) {
        case (.created(let left, let leftIndex), .created(let right, let rightIndex)):
            left == right ? leftIndex < rightIndex : left < right
        case (.named(let left), .named(let right)): left.precedesByBytes(right)
        case (.created, .named): true
        case (.named, .created): false
        }
    }
}

extension RecordID: LosslessStringConvertible {
    /// `replica:counter.index` for a created record, `=name` for a named one.
    public var description: String {
        switch self {
        case .created(let dot, let index): "\(dot).\(index)"
        case .named(let name): "=\(name)"
        }
    }

    /// Reads what `description` writes.
    public init?(_ description: String) {
        if description.utf8.first == UInt8(ascii: "=") {
            // Not `dropFirst`: a combining mark after the sign makes one character of both.
            let start = description.utf8.index(after: description.startIndex)
            self = .named(String(description[start...]))
            return
        }
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let replica = ReplicaID(String(parts[0])) else { return nil }
        let numbers = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 2, numbers.allSatisfy({ $0.utf8.first.map(isDigit) ?? false }),
            let counter = UInt64(numbers[0]), counter > 0,
            let index = UInt32(numbers[1])
        else { return nil }
        self = .created(by: Dot(replica, counter), index: index)
        func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    }
}
