import Replication

/// The district's reference data on a device: who enforces what, where, by which text.
///
/// A value, built from files or from records, that answers without a network. Nothing in it is
/// written by a device (M5).
public struct Catalogue: Sendable {
    /// Which published state this is.
    public let release: CatalogueRelease
    /// The bodies, by key.
    public let organs: [Organ]
    /// The towns, retired codes among them, by code.
    public let towns: [Town]
    /// The teams, by key.
    public let teams: [Team]
    /// The officers, by number.
    public let officers: [Officer]
    /// Every version of every matter, by key and first day in force.
    public let matters: [Matter]
    /// The waters, by key.
    public let waters: [Water]
    /// The closures, by key.
    public let closures: [Closure]
    /// The lines of the checklists, by checklist and number.
    public let checklistItems: [ChecklistItem]
    /// The protected species, by key.
    public let species: [Species]

    private let matterRanges: [String: Range<Int>]

    /// The records that a catalogue is made of, in any order.
    public struct Records: Sendable {
        /// The bodies.
        public var organs: [Organ] = []
        /// The towns.
        public var towns: [Town] = []
        /// The teams.
        public var teams: [Team] = []
        /// The officers.
        public var officers: [Officer] = []
        /// The versions of the matters.
        public var matters: [Matter] = []
        /// The waters.
        public var waters: [Water] = []
        /// The closures.
        public var closures: [Closure] = []
        /// The lines of the checklists.
        public var checklistItems: [ChecklistItem] = []
        /// The protected species.
        public var species: [Species] = []

        /// No records.
        public init() {}
    }

    /// Makes a catalogue of records, for example those of a store.
    ///
    /// They are taken as they are: a device that has received half a release still answers with
    /// that half.
    public init(release: CatalogueRelease, records: Records) {
        self.release = release
        organs = Catalogue.sorted(records.organs)
        towns = Catalogue.sorted(records.towns)
        teams = Catalogue.sorted(records.teams)
        officers = Catalogue.sorted(records.officers)
        matters = records.matters.sorted {
            $0.key == $1.key
                ? Catalogue.isOlder($0, $1) : RecordID.named($0.key) < RecordID.named($1.key)
        }
        waters = Catalogue.sorted(records.waters)
        closures = Catalogue.sorted(records.closures)
        checklistItems = records.checklistItems.sorted {
            $0.checklist == $1.checklist
                ? $0.item < $1.item : RecordID.named($0.checklist) < RecordID.named($1.checklist)
        }
        species = Catalogue.sorted(records.species)
        var ranges: [String: Range<Int>] = [:]
        for (index, matter) in matters.enumerated() {
            ranges[matter.key] = (ranges[matter.key]?.lowerBound ?? index)..<(index + 1)
        }
        matterRanges = ranges
    }

    private static func sorted<Row: CatalogueRecord>(_ rows: [Row]) -> [Row] {
        rows.sorted { $0.identity < $1.identity }
    }

    private static func isOlder(_ lhs: Matter, _ rhs: Matter) -> Bool {
        guard let right = rhs.effectiveFrom else { return false }
        guard let left = lhs.effectiveFrom else { return true }
        return left < right
    }

    private func row<Row: CatalogueRecord>(_ name: String, in rows: [Row]) -> Row? {
        let identity = RecordID.named(name)
        var low = 0
        var high = rows.count
        while low < high {
            let middle = low + (high - low) / 2
            if rows[middle].identity < identity { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].identity == identity ? rows[low] : nil
    }
}

extension Catalogue {
    /// The body with this key.
    public func organ(_ key: String) -> Organ? { row(key, in: organs) }

    /// The town with this code, retired or not.
    public func town(_ code: String) -> Town? { row(code, in: towns) }

    /// The team with this key.
    public func team(_ key: String) -> Team? { row(key, in: teams) }

    /// The officer with this number.
    public func officer(_ number: String) -> Officer? { row(number, in: officers) }

    /// The water with this key.
    public func water(_ key: String) -> Water? { row(key, in: waters) }

    /// The closures of a water, by key.
    public func closures(of water: String) -> [Closure] { closures.filter { $0.water == water } }

    /// The lines of a checklist, in order.
    public func checklist(_ name: String) -> [ChecklistItem] {
        checklistItems.filter { $0.checklist == name }
    }

    /// Which code took the place of each retired code.
    public var retiredCodes: [String: String] {
        Dictionary(
            towns.filter { $0.status == "retired" }.map { ($0.code, $0.successor) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The code in use today for a code that may be retired; nil for one that nobody knows.
    ///
    /// A successor outside the district is returned although the catalogue has no row for it.
    public func currentCode(of code: String) -> String? {
        let successors = retiredCodes
        var current = code
        // A chain of successors that returns to itself ends with the length of the map.
        for _ in 0...successors.count {
            guard let next = successors[current], !next.isEmpty else { break }
            current = next
        }
        return current == code && town(code) == nil ? nil : current
    }

    /// Every version of a matter, oldest first.
    public func versions(of matter: String) -> ArraySlice<Matter> {
        matters[matterRanges[matter] ?? 0..<0]
    }

    /// The version of a matter that is in force on a day.
    public func matter(_ key: String, on day: CivilDate) -> Matter? {
        versions(of: key).last { $0.isInForce(on: day) }
    }

    /// The version of a matter that a finding pinned.
    public func matter(_ key: String, effectiveFrom: CivilDate) -> Matter? {
        versions(of: key).first { $0.effectiveFrom == effectiveFrom }
    }

    /// The matters in force on a day in which every word of `query` stands, by key.
    ///
    /// Words are parted by spaces and looked for in key, name, domain, law, article and penalty, as
    /// bytes, Latin letters in either case. An empty query finds every matter.
    public func matters(matching query: String, on day: CivilDate) -> [Matter] {
        let words = query.utf8.split(separator: UInt8(ascii: " ")).map { $0.map(Catalogue.lowered) }
        return matters.filter { matter in
            guard matter.isInForce(on: day) else { return false }
            let text = [
                matter.key, matter.name, matter.domain, matter.basisLaw, matter.basisArticle,
                matter.penaltyText,
            ]
            .joined(separator: "\n").utf8.map(Catalogue.lowered)
            return words.allSatisfy { Catalogue.contains(text, $0) }
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard word.count <= text.count else { return false }
        return (0...(text.count - word.count))
            .contains {
                text[$0..<($0 + word.count)].elementsEqual(word)
            }
    }
}
