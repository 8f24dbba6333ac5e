import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field find list`.
struct FindListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: words("List findings, newest first.", "列出发现，新的在前。")
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("Of this town, by code or name.", "限定镇街（代码或名称）。")))
    var town: String?

    @Option(help: ArgumentHelp(words("Of this matter.", "限定事项。"))) var matter: String?
    @Option(help: ArgumentHelp(words("In this water, by key or name.", "限定水域（代号或名称）。")))
    var water: String?

    @Option(help: ArgumentHelp(words("With this status.", "限定状态。"))) var status: String?
    @Option(help: ArgumentHelp(words("With this officer on it, by number.", "限定人员（编号）。")))
    var officer: String?

    @Option(help: ArgumentHelp(words("Seen at this time or later.", "起始时间。"))) var since: String?
    @Option(help: ArgumentHelp(words("Seen before this time.", "截止时间（不含）。"))) var until: String?

    @Flag(help: ArgumentHelp(words("Only where a crime is suspected.", "仅限涉嫌犯罪的。")))
    var crime = false

    @Option(help: ArgumentHelp(words("The most findings.", "最多条数。"))) var limit: Int = 100

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        var query = RecordQuery(Finding.mapping.schema)
        query.conditions = try conditions(try context.catalogue())
        query.orderedBy = "observedAt"
        query.descending = true
        let listing = try Listing(limit)
        guard let officer else { return try FindingTable(context).show(query, listing) }
        // A set has no column to ask: the rows are looked through.
        let keys = try context.replica.read { reading in
            try reading.all(Finding.self, where: query)
                .filter { $0.record.participants.contains(officer) }
                .prefix(listing.asked).map(\.reference.key)
        }
        try FindingTable(context).show(listing.shown(keys))
        listing.remark(keys.count, context.output)
    }

    private func conditions(_ catalogue: Catalogue) throws -> [RecordQuery.Condition] {
        let schema = Finding.mapping.schema
        let parser = FieldParser(catalogue: catalogue)
        let named = [
            ("town", town.map { TownName.code($0, in: catalogue) }), ("matter", matter),
            (
                "water",
                water.map { text in
                    catalogue.waters.first { $0.name == text }?.key ?? text
                }
            ), ("status", status),
        ]
        var conditions: [RecordQuery.Condition] = []
        for (name, text) in named {
            guard let text, let field = schema.field(named: name) else { continue }
            do {
                let value = try parser.value(text, of: field, in: schema)
                // What was imported without a status is shown with the one that findings begin with.
                let isFirst = name == "status" && value == FindingStatus.recorded.fieldValue
                conditions.append(isFirst ? .oneOf(name, [value, .null]) : .equals(name, value))
            } catch { throw Failure.input(Messages.field("--" + name, error.description)) }
        }
        if let officer, catalogue.officer(officer) == nil {
            throw Failure.input(
                Messages.field(
                    "--officer",
                    Messages.wrong(
                        Messages.unknownKey(officer, words("officer", "人员")),
                        Suggestion.text(
                            officer,
                            in: catalogue.officers.map(\.number),
                            all: "field catalogue officers"
                        )
                    )
                )
            )
        }
        if crime { conditions.append(.equals("suspectedCrime", .boolean(true))) }
        if let since {
            conditions.append(.atLeast("observedAt", try moment(since, "--since")))
        }
        if let until { conditions.append(.below("observedAt", try moment(until, "--until"))) }
        return conditions
    }

    private func moment(_ text: String, _ option: String) throws -> FieldValue {
        do { return .timestamp(try FieldParser(catalogue: nil).time(text)) } catch {
            throw Failure.input(Messages.field(option, error.description))
        }
    }
}

/// `field find search`.
struct FindSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: words(
            "Find by words in title, description and remark; two adjacent characters of Chinese do.",
            "按标题、描述、备注中的词查找；中文两个相邻的字即可。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The words.", "要查找的词。")))
    var text: [String]

    @Option(help: ArgumentHelp(words("The most findings.", "最多条数。"))) var limit: Int = 100

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        var query = RecordQuery(Finding.mapping.schema)
        query.text = text.joined(separator: " ")
        query.descending = true
        try FindingTable(context).show(query, try Listing(limit))
    }
}

/// `field find near`.
struct FindNearCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "near",
        abstract: words("Find findings around a place, nearest first.", "查找某地附近的发现，近的在前。")
    )

    @OptionGroup var options: StoreOptions

    @Argument(
        help: ArgumentHelp(words("Where: longitude,latitude.", "地点：经度,纬度。"), valueName: "lon,lat")
    )
    var place: String

    @Option(help: ArgumentHelp(words("How far, in metres.", "距离（米）。"))) var metres: Double = 500
    @Option(help: ArgumentHelp(words("The most findings.", "最多条数。"))) var limit: Int = 100

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        let listing = try Listing(limit)
        guard metres > 0, metres.isFinite else {
            throw Failure.input(
                Messages.field("--metres", Messages.wrong(Messages.isNo("\(metres)"), "500"))
            )
        }
        let centre = try centre()
        var query = RecordQuery(Finding.mapping.schema)
        query.box = NearBox.around(centre, metres: metres)
        let found = try context.replica.records(of: Finding.self, where: query)
            .compactMap { finding in
                finding.record.position.map { (finding.reference.key, centre.metres(to: $0)) }
            }
            .filter { $0.1 <= metres }
            .sorted { $0.1 < $1.1 }
        let shown = listing.shown(found)
        try FindingTable(context).show(shown.map(\.0), distances: shown.map(\.1))
        listing.remark(found.count, context.output)
    }

    private func centre() throws -> Position {
        let (latitude, longitude) = try ArgumentText.place(place)
        let schema = Finding.mapping.schema
        var parser = FieldParser(catalogue: nil)
        parser.rounds = true
        do throws(ValueProblem) {
            guard let north = schema.field(named: "latitude"),
                let east = schema.field(named: "longitude"),
                case .scaled(let x) = try parser.value(latitude, of: north, in: schema),
                case .scaled(let y) = try parser.value(longitude, of: east, in: schema),
                let position = Position(
                    latitude: .init(units: x),
                    longitude: .init(units: y)
                )
            else { throw ValueProblem(problem: Messages.isNo(place), expected: "120.04,30.73") }
            return position
        } catch { throw Failure.input(error.description) }
    }
}

/// Findings as a table or as JSON.
struct FindingTable {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// Shows what a query finds, as far as the listing goes.
    func show(_ query: RecordQuery, _ listing: Listing) throws {
        var query = query
        query.limit = listing.asked
        let keys = try context.replica.read { try $0.records(query) }
        try show(listing.shown(keys))
        listing.remark(keys.count, context.output)
    }

    /// Shows findings in this order.
    func show(_ keys: [RecordKey], distances: [Double]? = nil) throws {
        let schema = Finding.mapping.schema
        let (views, events) = try context.replica.read { reading in
            (
                try keys.compactMap { key in try reading.view(key).map { (key, $0) } },
                try SameEvents(reading)
            )
        }
        if context.output.isJSON {
            context.output.json(
                .array(
                    views.map { key, view in
                        var object = RecordJSON.value(key, view, in: schema).object ?? JSONObject()
                        object["canonical"] = .string(
                            ShortReference.full(events.canonical(of: key.id))
                        )
                        return .object(object)
                    }
                )
            )
            return
        }
        let towns = try context.replica.records(of: Town.self)
        let names = Dictionary(
            towns.map { ($0.record.code, $0.record.name) },
            uniquingKeysWith: { first, _ in first }
        )
        var columns: [TextTable.Column] = [
            .init(words("reference", "编号"), isWhole: true),
            .init(words("time", "时间"), isWhole: true),
            .init(words("title", "标题"), columnsMax: 40), .init(words("method", "方法")),
            .init(words("matter", "事项")), .init(words("town", "镇街")), .init(words("state", "状态")),
        ]
        if distances != nil { columns.append(.init(words("metres", "米"), alignment: .right)) }
        var table = TextTable(columns: columns)
        for (index, (key, view)) in views.enumerated() {
            let finding = Finding.mapping.record(from: view)
            var cells: [TextTable.Cell] = [
                .init(ShortReference.text(key), style: .cyan),
                .init(finding.observedAt.map { ValueText.time($0.milliseconds) } ?? ""),
                .init(finding.title), .init(finding.method?.rawValue ?? ""),
                .init(finding.matter), .init(names[finding.town] ?? finding.town),
                state(finding, view, standIn: events.canonical(of: key.id), of: key),
            ]
            if let distances { cells.append(.init(String(Int(distances[index].rounded())))) }
            table.append(cells)
        }
        context.output.table(table, whenEmpty: Messages.noFindings)
    }

    private func state(
        _ finding: Finding,
        _ view: RecordView,
        standIn: RecordKey,
        of key: RecordKey
    ) -> TextTable.Cell {
        var parts: [String] = []
        var style = TextStyle.plain
        if finding.suspectedCrime {
            parts.append(words("crime?", "涉嫌犯罪"))
            style = .red
        }
        if !view.conflicts.isEmpty {
            parts.append(words("conflict", "有冲突"))
            style = .yellow
        }
        if view.lifecycle != .live { parts.append(Messages.lifecycle(view.lifecycle)) }
        if parts.isEmpty { parts.append(finding.status.rawValue) }
        if standIn != key { parts.append("= " + ShortReference.text(standIn)) }
        return .init(parts.joined(separator: " "), style: style)
    }
}
