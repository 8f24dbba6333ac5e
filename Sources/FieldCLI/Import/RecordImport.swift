import Interchange
import Models
import Replication
import SyncCore

/// Brings the rows of a foreign file in as records.
///
/// The whole file is checked first: with a fault nothing is written. Then records are written in
/// batches. Each record is named by its key, so that an import that was cut goes on where it was, and
/// an import of the same file changes nothing.
struct RecordImport {
    /// What an import did.
    struct Outcome {
        var rows = 0
        var new = 0
        var present = 0
        var updated = 0
        var skipped = 0
        var duplicates = 0
    }

    let mapping: Mapping
    let file: ImportFile
    let context: CommandContext
    let catalogue: Catalogue
    let updates: Bool
    let progress: ProgressLine

    private var rules: FindingRules { FindingRules(catalogue) }

    /// The most faults that are shown.
    static let faultsMax = 20
    private static let batchCount = 100
    /// The most bytes of values in one change, well below what a change may hold.
    private static let batchBytesMax = 1 << 20

    /// One row, read.
    struct Row {
        let line: Int
        let name: String
        /// What the file says.
        let edits: [Edit]
        /// What a new record gets besides: the town and organ of this device, by which others
        /// receive it.
        let defaults: [Edit]
    }

    /// Checks the file and returns how many rows it has to write.
    func check() throws -> Int {
        var faults: [String] = []
        var faultCount = 0
        var count = 0
        var lines: [String: Int] = [:]
        try file.forEachRow(columns: mapping.columns) { row, bytes in
            if count % 1_000 == 0 {
                progress.show(words("Checking", "检查"), done: bytes, of: file.bytes, bytes: bytes)
            }
            guard !isSkipped(row) else { return }
            do {
                let read = try self.row(row)
                try checkLimits(read, row)
                if let first = lines[read.name] {
                    guard !mapping.keepsFirstDuplicate else { return }
                    throw Failure.input(
                        Messages.line(file.path, row.line, "key", Messages.twice(read.name, first))
                    )
                }
                lines[read.name] = row.line
                count += 1
            } catch let failure as Failure {
                faultCount += 1
                if faults.count < RecordImport.faultsMax { faults.append(failure.message) }
            }
        }
        if faultCount > 0 {
            if faultCount > faults.count {
                faults.append(Messages.moreFaults(faultCount - faults.count))
            }
            faults.append(Messages.nothingImported)
            throw Failure.input(faults.joined(separator: "\n"))
        }
        return count
    }

    /// Writes the rows.
    func write(count: Int) throws -> Outcome {
        var outcome = Outcome()
        var batch: [Row] = []
        var batchBytes = 0
        var seen: Set<String> = []
        try file.forEachRow(columns: mapping.columns) { row, bytes in
            outcome.rows += 1
            guard !isSkipped(row) else {
                outcome.skipped += 1
                return
            }
            let read = try self.row(row)
            guard seen.insert(read.name).inserted else {
                outcome.duplicates += 1
                return
            }
            let size = NewRecordCheck.size(of: read.edits)
            let isFull =
                batch.count == RecordImport.batchCount
                || batchBytes + size > RecordImport.batchBytesMax
            if isFull {
                try write(batch, &outcome, of: count)
                (batch, batchBytes) = ([], 0)
                progress.show(words("Writing", "写入"), done: seen.count, of: count, bytes: bytes)
            }
            batch.append(read)
            batchBytes += size
        }
        try write(batch, &outcome, of: count)
        return outcome
    }

    /// Writes a batch; a disk that is full or fails is told with how far the import came.
    private func write(_ batch: [Row], _ outcome: inout Outcome, of count: Int) throws {
        do { try write(batch, &outcome) } catch let error as StoreError where error.isOfDisk {
            let done = outcome.new + outcome.updated + outcome.present
            throw Failure(.diskFull, Messages.importStopped(error, done, of: count))
        }
    }

    private func write(_ batch: [Row], _ outcome: inout Outcome) throws {
        guard !batch.isEmpty else { return }
        let reason = words("import", "导入")
        var new = 0
        var updated = 0
        var written: [RecordKey] = []
        try context.replica.write(reason: reason) { transaction in
            for row in batch {
                let key = RecordKey(type: mapping.record.number, id: .named(row.name))
                if let view = try transaction.view(key) {
                    // What somebody deleted stays deleted, whatever a file says.
                    let isOpen = updates && view.lifecycle.isVisible
                    let edits = isOpen ? differing(row.edits, from: view) : []
                    guard !edits.isEmpty else { continue }
                    try transaction.edit(key, edits)
                    updated += 1
                    if isPart || isFinding { written.append(key) }
                } else {
                    try transaction.edit(key, [.create] + row.edits + row.defaults)
                    try settleNew(key, row.edits + row.defaults, transaction)
                    new += 1
                    if isPart { written.append(key) }
                }
            }
        }
        outcome.new += new
        outcome.updated += updated
        outcome.present += batch.count - new - updated
        try FindingSettler(context, catalogue: catalogue).settle(written)
    }

    private var isFinding: Bool { mapping.record.number == Finding.mapping.schema.number }

    private var isPart: Bool {
        FindingParts.schemas.contains { $0.number == mapping.record.number }
    }

    /// Raises the crime flag of a new finding in the change that makes it; nothing belongs to it yet.
    private func settleNew(
        _ key: RecordKey,
        _ edits: [Edit],
        _ transaction: Transaction
    ) throws {
        guard isFinding, FindingRules.canSettle(edits),
            let view = try transaction.view(key)
        else { return }
        try transaction.edit(key, rules.settlement(of: view, FindingParts()))
    }

    private func differing(_ edits: [Edit], from view: RecordView) -> [Edit] {
        edits.filter { edit in
            switch edit {
            case .set(let field, let value):
                view.value(of: field, in: mapping.record) != value
            case .add(let field, let value):
                !view.members(of: field).contains { $0.slot.element == value }
            default: true
            }
        }
    }

    // MARK: One row

    private func isSkipped(_ row: any ImportRow) -> Bool {
        mapping.skip.contains { rule in
            let text = row.value(rule.column) ?? ""
            return rule.text.map { $0 == text } ?? text.isEmpty
        }
    }

    private func row(_ row: any ImportRow) throws -> Row {
        let name = mapping.key.text(AnyRow(row))
        guard !name.isEmpty, mapping.key.columns.allSatisfy({ !(row.value($0) ?? "").isEmpty })
        else {
            throw fault(row, mapping.key.columns.joined(separator: ", "), Messages.keyEmpty)
        }
        var edits: [Edit] = []
        for field in mapping.fields { edits += try self.edits(field, row) }
        if isFinding {
            edits += try pinnedVersion(edits, row)
        }
        let defaults = try scopeDefaults(edits, row)
        return Row(line: row.line, name: name, edits: edits, defaults: defaults)
    }

    /// The device's own town and organ where the file has none, as a finding that is typed gets
    /// them: a record in no scope would reach no other device.
    private func scopeDefaults(_ edits: [Edit], _ row: any ImportRow) throws -> [Edit] {
        let numbers: [UInt32]
        switch mapping.record.scope {
        case .everyone: return []
        case .fields(let fields): numbers = fields
        case .parent(let field): numbers = [field]
        }
        var isScoped = edits.contains { edit in
            if case .set(let field, let value) = edit {
                numbers.contains(field) && !value.isNull
            } else {
                false
            }
        }
        var defaults: [Edit] = []
        for number in numbers {
            let own: String? =
                switch mapping.record.field(number)?.name {
                case "town": context.device.town
                case "organ": context.device.organ
                default: nil
                }
            let isSet = edits.contains { if case .set(number, _) = $0 { true } else { false } }
            guard let own, !own.isEmpty, !isSet else { continue }
            defaults.append(.set(number, .text(own)))
            isScoped = true
        }
        guard isScoped else {
            let names = numbers.compactMap { mapping.record.field($0)?.name }
            throw fault(row, names.joined(separator: ", "), Messages.unscoped(names))
        }
        return defaults
    }

    /// Refuses here what the commit would refuse.
    private func checkLimits(_ read: Row, _ row: any ImportRow) throws {
        try checkPlace(read, row)
        do {
            try NewRecordCheck.check(
                .named(read.name),
                read.edits + read.defaults,
                in: mapping.record
            )
        } catch {
            let field = mapping.fields.first { $0.schema.name == error.field }
            let label =
                field.map(label) ?? error.field ?? mapping.key.columns.joined(separator: ", ")
            throw fault(row, label, Messages.refused(error.problem))
        }
    }

    /// Half a place is none: a record with a latitude and no longitude would be found nowhere.
    private func checkPlace(_ read: Row, _ row: any ImportRow) throws {
        guard let place = mapping.record.place, !updates else { return }
        func has(_ number: UInt32) -> Bool {
            read.edits.contains { edit in
                guard case .set(number, let value) = edit else { return false }
                return value != .null
            }
        }
        let missing = has(place.latitude) ? place.longitude : place.latitude
        guard has(place.latitude) != has(place.longitude),
            let field = mapping.record.field(missing)
        else { return }
        throw fault(row, field.name, Messages.isMissing)
    }

    /// How messages name a field: by its column, and by its own name where that is another.
    private func label(_ field: Mapping.Field) -> String {
        guard case .column(let column) = field.source, column != field.schema.name else {
            return field.schema.name
        }
        return "\(column) (\(field.schema.name))"
    }

    private func edits(_ field: Mapping.Field, _ row: any ImportRow) throws -> [Edit] {
        let (label, raw): (String, String) =
            switch field.source {
            case .column(let column): (label(field), row.value(column) ?? "")
            case .constant(let text): (field.schema.name, text)
            case .template(let template): (field.schema.name, template.text(AnyRow(row)))
            }
        let text = field.values[raw] ?? raw
        if text.isEmpty {
            if field.isRequired { throw fault(row, label, Messages.isEmpty) }
            return []
        }
        guard field.schema.policy.isCollection else {
            return [.set(field.schema.number, try value(text, field, row, label))]
        }
        let parts = field.split.map { text.components(by: $0) } ?? [text]
        return try parts.filter { !$0.isEmpty }
            .map { part in
                let value = try value(part, field, row, label)
                return field.schema.policy == .growOnly
                    ? .append(field.schema.number, id: part, value)
                    : .add(field.schema.number, value)
            }
    }

    private func value(
        _ text: String,
        _ field: Mapping.Field,
        _ row: any ImportRow,
        _ label: String
    ) throws -> FieldValue {
        if let date = field.date {
            guard let time = date.milliseconds(text, zoneMinutes: field.zoneMinutes) else {
                throw fault(row, label, Messages.noDate(text))
            }
            guard field.schema.kind == .timestamp else {
                let day = Models.CivilDate(milliseconds: time, zoneMinutes: field.zoneMinutes)
                return .text(day?.description ?? "")
            }
            return .timestamp(time)
        }
        var parser = FieldParser(catalogue: catalogue)
        parser.zoneMinutes = field.zoneMinutes
        parser.rounds = field.rounds
        parser.resolve = context.resolveFull
        do { return try parser.value(text, of: field.schema, in: mapping.record) } catch {
            throw fault(row, label, error.description)
        }
    }

    /// The version of the matter on the day of the act, where the file does not say it.
    private func pinnedVersion(_ edits: [Edit], _ row: any ImportRow) throws -> [Edit] {
        func value(_ name: String) -> FieldValue? {
            let number = mapping.record.field(named: name)?.number
            for case .set(let field, let value) in edits where field == number { return value }
            return nil
        }
        guard case .text(let matter)? = value("matter"), value("matterVersion") == nil,
            case .timestamp(let time)? = value("observedAt"),
            let day = Models.CivilDate(milliseconds: time, zoneMinutes: District.timeZoneMinutes),
            let version = mapping.record.field(named: "matterVersion"),
            let release = mapping.record.field(named: "catalogueVersion")
        else { return [] }
        guard let found = catalogue.matter(matter, on: day) else {
            let versions = Array(catalogue.versions(of: matter))
            throw fault(row, "matter", Messages.matterNotInForce(matter, day, versions))
        }
        return [
            .set(version.number, found.effectiveFrom.fieldValue),
            .set(release.number, .text(catalogue.release.hash)),
        ]
    }

    private func fault(_ row: any ImportRow, _ field: String, _ text: String) -> Failure {
        .input(Messages.line(file.path, row.line, field, text))
    }
}

/// A row of any format, where a generic one is asked for.
struct AnyRow: ImportRow {
    private let row: any ImportRow

    init(_ row: any ImportRow) { self.row = row }

    var line: Int { row.line }

    func value(_ column: String) -> String? { row.value(column) }
}

extension String {
    /// The parts between a separator, without the spaces around them.
    func components(by separator: String) -> [String] {
        guard !separator.isEmpty else { return [self] }
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        parts.append(String(rest))
        return parts.map { $0.trimmingPrefix { $0 == " " }.description }
    }
}
