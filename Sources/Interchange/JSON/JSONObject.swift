/// The members of a JSON object, each key once, in the order in which they stood in the text.
///
/// Lookup is linear up to `linearCountMax` members and by binary search above. Equality does not
/// look at the order of the members, as RFC 8259 §4 advises.
public struct JSONObject: Sendable {
    /// One member.
    public struct Member: Hashable, Sendable {
        /// The key.
        public let key: String
        /// The value.
        public fileprivate(set) var value: JSONValue

        /// Makes a member.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }

        /// Whether both have the same key bytes and equal values.
        public static func == (lhs: Member, rhs: Member) -> Bool {
            lhs.key.hasSameBytes(as: rhs.key) && lhs.value == rhs.value
        }

        /// Hashes what `==` compares.
        public func hash(into hasher: inout Hasher) {
            hasher.combineBytes(of: key)
            hasher.combine(value)
        }
    }

    /// The members in their order.
    public private(set) var members: [Member]
    /// The indices of the members sorted by key bytes; kept only for large objects.
    private var order: [Int]

    static let linearCountMax = 16

    /// Makes an object without members.
    public init() {
        members = []
        order = []
    }

    /// Makes an object of members, nil when a key stands twice.
    ///
    /// O(n log n).
    public init?(_ members: [Member]) {
        guard JSONObject.duplicate(in: members) == nil else { return nil }
        self.init(unique: members)
    }

    /// Makes an object of members whose keys are known to differ.
    init(unique members: [Member]) {
        self.members = members
        order = members.count > JSONObject.linearCountMax ? JSONObject.sortedOrder(members) : []
    }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The number of members.
    public var count: Int { members.count }

    /// The keys in their order.
    public var keys: [String] { members.map(\.key) }

    /// The value under `key`; setting nil removes the member, a new key goes to the end.
    public subscript(key: String) -> JSONValue? {
        get { index(of: key).map { members[$0].value } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?):
                members[index].value = value
            case (let index?, nil):
                members.remove(at: index)
                self = JSONObject(unique: members)
            case (nil, let value?):
                append(Member(key, value))
            case (nil, nil):
                break
            }
        }
    }

    /// The members sorted by the UTF-8 bytes of their keys.
    ///
    /// O(n log n).
    public var sortedMembers: [Member] {
        let order = order.isEmpty ? JSONObject.sortedOrder(members) : order
        return order.map { members[$0] }
    }

    private mutating func append(_ member: Member) {
        members.append(member)
        if order.isEmpty {
            if members.count > JSONObject.linearCountMax {
                order = JSONObject.sortedOrder(members)
            }
        } else {
            order.insert(members.count - 1, at: lowerBound(member.key))
        }
    }

    private func index(of key: String) -> Int? {
        guard !order.isEmpty else { return members.firstIndex { $0.key.hasSameBytes(as: key) } }
        let position = lowerBound(key)
        guard position < order.count else { return nil }
        let index = order[position]
        return members[index].key.hasSameBytes(as: key) ? index : nil
    }

    private func lowerBound(_ key: String) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = low + (high - low) / 2
            if members[order[middle]].key.precedesByBytes(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private static func sortedOrder(_ members: [Member]) -> [Int] {
        members.indices.sorted { left, right in
            members[left].key.precedesByBytes(members[right].key)
        }
    }

    /// The index of a member whose key has stood before.
    static func duplicate(in members: [Member]) -> Int? {
        if members.count <= linearCountMax {
            for index in members.indices.dropFirst() {
                let key = members[index].key
                for other in 0..<index where members[other].key.hasSameBytes(as: key) {
                    return index
                }
            }
            return nil
        }
        let order = sortedOrder(members)
        for position in order.indices.dropFirst() {
            let (left, right) = (order[position - 1], order[position])
            if members[left].key.hasSameBytes(as: members[right].key) { return max(left, right) }
        }
        return nil
    }
}

extension JSONObject: Hashable {
    /// Whether both have the same members, in whatever order.
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        guard lhs.count == rhs.count else { return false }
        return lhs.members == rhs.members || lhs.sortedMembers == rhs.sortedMembers
    }

    /// Hashes the members in key order.
    public func hash(into hasher: inout Hasher) { hasher.combine(sortedMembers) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Makes an object; of members with one key the last one counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}
