import Models
import Replication
import SyncCore

/// Writes findings and keeps what the rules say of them up to date, in one change.
struct FindingWriter {
    /// What a write did.
    struct Result {
        let key: RecordKey
        let title: String
        let screen: FindingScreen
        /// The finding as it is now.
        let finding: Finding
        /// What is to be said of the pinned law.
        var remarks: [String] = []

        /// Whether the finding says nothing of what was seen.
        var isEmpty: Bool {
            finding.title.isEmpty && finding.matter.isEmpty && finding.method == nil
                && finding.description.isEmpty && finding.remark.isEmpty
        }
    }

    let context: CommandContext
    let catalogue: Catalogue
    /// Whether words that stand on no list are taken.
    var takesAnyWord = false

    init(_ context: CommandContext, takesAnyWord: Bool = false) throws {
        self.context = context
        self.takesAnyWord = takesAnyWord
        catalogue = try context.catalogue()
    }

    private var schema: RecordSchema { Finding.mapping.schema }

    private var parser: FieldParser {
        var parser = FieldParser(catalogue: catalogue)
        parser.checksWords = !takesAnyWord
        parser.resolve = context.resolve
        return parser
    }

    /// Records a new finding with its catch and gear.
    func create(
        _ assignments: [Assignment],
        catchLines: [CatchLine],
        gear: [GearItem]
    ) throws -> Result {
        let edits = try parser.edits(withDefaults(assignments), of: schema)
        return try context.replica.write { transaction in
            let key = transaction.newRecord(type: schema.number)
            try transaction.edit(key, [.create] + edits)
            let reference = Reference<Finding>(key.id)
            for var line in catchLines {
                line.finding = reference
                try transaction.insert(line)
            }
            for var item in gear {
                item.finding = reference
                try transaction.insert(item)
            }
            var parts = FindingParts()
            parts.catchLines = catchLines
            parts.gear = gear
            return try settle(key, assignments, parts: parts, transaction)
        }
    }

    /// What a new finding says besides: the status that listings show of it, so that it is found by
    /// it on every device.
    private func withDefaults(_ assignments: [Assignment]) -> [Assignment] {
        if assignments.contains(where: { $0.name == "status" }) { return assignments }
        return [Assignment("status", FindingStatus.recorded.rawValue)] + assignments
    }

    /// Edits a finding.
    func edit(_ key: RecordKey, _ assignments: [Assignment], reason: String) throws -> Result {
        let (parts, view) = try context.replica.read {
            (try FindingParts(of: key, in: $0), try $0.view(key))
        }
        let edits = try parser.edits(assignments, of: schema, on: view)
        return try context.replica.write(reason: reason) { transaction in
            try transaction.edit(key, edits)
            return try settle(key, assignments, parts: parts, transaction)
        }
    }

    /// Adds something to a finding: the body writes it and says what the rules should know.
    func add(
        to key: RecordKey,
        _ body: (Transaction, inout FindingParts) throws -> RecordKey
    ) throws -> (added: RecordKey, finding: Result) {
        var parts = try context.replica.read { try FindingParts(of: key, in: $0) }
        return try context.replica.write { transaction in
            let added = try body(transaction, &parts)
            return (added, try settle(key, [], parts: parts, transaction))
        }
    }

    /// Half a place is none: a latitude without a longitude would be found nowhere.
    private static func checkPlace(_ finding: Finding, after names: [String]) throws {
        let isHalf = (finding.latitude == nil) != (finding.longitude == nil)
        guard isHalf, names.contains("latitude") || names.contains("longitude") else { return }
        let missing = finding.latitude == nil ? "latitude" : "longitude"
        throw Failure.input(
            Messages.field(missing, Messages.wrong(Messages.isMissing, "--at 120.0452,30.7318"))
        )
    }

    /// Pins the version of the matter and raises the crime flag where the rules say so.
    private func settle(
        _ key: RecordKey,
        _ assignments: [Assignment],
        parts: FindingParts,
        _ transaction: Transaction
    ) throws -> Result {
        let reference = Reference<Finding>(key.id)
        guard var finding = try transaction.record(reference) else {
            throw Failure.input(Messages.unknownReference(ShortReference.text(key), schema.name))
        }
        let old = finding
        let names = assignments.map(\.name)
        try FindingWriter.checkPlace(finding, after: names)
        let remarks = try pin(&finding, after: names)
        try transaction.edit(key, Finding.mapping.edits(from: old, to: finding))
        if let view = try transaction.view(key) {
            try transaction.edit(key, FindingRules(catalogue).settlement(of: view, parts))
        }
        let settled = try transaction.record(reference) ?? finding
        return Result(
            key: key,
            title: settled.title,
            screen: FindingScreen(
                settled,
                parts: parts,
                catalogue: catalogue,
                now: context.now
            ),
            finding: settled,
            remarks: remarks
        )
    }

    /// Pins the version of the matter that was in force on the day of the act, whichever of the two
    /// was written.
    ///
    /// - Throws: a failure where none was in force.
    private func pin(_ finding: inout Finding, after names: [String]) throws -> [String] {
        let isMatter = names.contains("matter")
        let isTime = names.contains("observedAt") || names.contains("gnssTime")
        guard isMatter || isTime, !finding.matter.isEmpty, let day = finding.actDay else {
            return []
        }
        guard let matter = catalogue.matter(finding.matter, on: day) else {
            throw Failure.input(
                Messages.matterNotInForce(
                    finding.matter,
                    day,
                    Array(catalogue.versions(of: finding.matter))
                )
            )
        }
        guard isMatter || finding.matterVersion != matter.effectiveFrom else { return [] }
        let old = finding.matterVersion
        finding.matterVersion = matter.effectiveFrom
        finding.catalogueVersion = catalogue.release.hash
        guard !isMatter, let old else { return [] }
        return [Messages.pinnedAgain(finding.matter, old, matter, day)]
    }

    /// Pins the law of the day of the act again where a decision changed the day or the matter.
    ///
    /// What was decided stays: where no law was in force on the day, it is said and nothing written.
    func pinAgain(_ key: RecordKey) throws -> [String] {
        let reference = Reference<Finding>(key.id)
        guard let old = try context.replica.record(reference) else { return [] }
        var finding = old
        do {
            let remarks = try pin(&finding, after: ["observedAt"])
            guard finding != old else { return remarks }
            try context.replica.write(reason: FindingSettler.reason) { transaction in
                try transaction.edit(key, Finding.mapping.edits(from: old, to: finding))
            }
            return remarks
        } catch let failure as Failure { return [failure.message] }
    }

    /// Findings that may be the same event.
    func duplicates(of key: RecordKey) throws -> [RecordKey] {
        try context.replica.read { reading in
            guard let finding = try reading.record(Reference<Finding>(key.id)),
                let place = finding.position
            else { return [] }
            var query = RecordQuery(schema)
            query.box = NearBox.around(place, metres: DuplicateScreen.metresMax)
            return try reading.all(Finding.self, where: query)
                .filter {
                    $0.reference.key != key
                        && DuplicateScreen.isSuggested(finding, $0.record, in: catalogue)
                }
                .map(\.reference.key)
        }
    }
}

/// Boxes around places, for the spatial index.
enum NearBox {
    /// A box that holds everything within a distance.
    static func around(_ place: Position, metres: Double) -> RecordQuery.Box {
        let latitude = Double(place.latitude.units) * 1e-7
        let longitude = Double(place.longitude.units) * 1e-7
        let north = metres / 111_000
        // Towards the poles a degree of longitude shrinks; a box of the whole circle is right there.
        let cosine = max(0.01, 1 - latitude * latitude / 8_100)
        let east = min(180, north / cosine)
        return RecordQuery.Box(
            south: latitude - north,
            north: latitude + north,
            west: longitude - east,
            east: longitude + east
        )
    }
}
