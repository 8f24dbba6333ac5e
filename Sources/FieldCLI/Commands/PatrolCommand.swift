import ArgumentParser
import Interchange
import Models
import Replication
import SyncCore

/// `field patrol`.
struct PatrolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patrol",
        abstract: words("Start, change and end a patrol; record its track.", "巡查的开始、换段、轨迹与结束。"),
        subcommands: [
            PatrolStartCommand.self, PatrolLegCommand.self, PatrolTrackCommand.self,
            PatrolEndCommand.self, PatrolListCommand.self,
        ],
        defaultSubcommand: PatrolListCommand.self
    )
}

/// Finds the patrol that is under way on this device.
struct PatrolFinder {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    /// The newest patrol that this store began and nobody ended; nil when there is none.
    func open() throws -> (key: RecordKey, patrol: Patrol)? {
        var query = RecordQuery(Patrol.mapping.schema)
        query.conditions = [.equals("leader", .text(context.device.officer))]
        query.orderedBy = "startedAt"
        query.descending = true
        let here = context.replica.id
        return try context.replica.read { reading in
            for key in try reading.records(query) {
                guard case .created(let dot, _) = key.id, dot.replica == here,
                    let view = try reading.view(key), view.lifecycle != .voided
                else { continue }
                let patrol = Patrol.mapping.record(from: view)
                if patrol.endedAt == nil { return (key, patrol) }
            }
            return nil
        }
    }

    /// The patrol under way.
    func required() throws -> (key: RecordKey, patrol: Patrol) {
        guard let open = try open() else { throw Failure.input(Messages.noPatrol) }
        return open
    }

    /// The patrol's leg that has not ended, else its last one.
    func leg(of patrol: RecordKey) throws -> (reference: Reference<Leg>, leg: Leg)? {
        var query = RecordQuery(Leg.mapping.schema)
        query.conditions = [.equals("patrol", .reference(patrol))]
        query.orderedBy = "startedAt"
        query.descending = true
        let legs = try context.replica.records(of: Leg.self, where: query)
        let leg = legs.first { $0.record.endedAt == nil } ?? legs.first
        return leg.map { ($0.reference, $0.record) }
    }
}

/// A time option.
enum TimeOption {
    /// The time that was given, or this moment.
    static func time(
        _ text: String?,
        _ option: String,
        _ context: CommandContext
    ) throws -> WallTime {
        guard let text else { return context.now }
        do {
            return WallTime(milliseconds: try FieldParser(catalogue: nil).time(text))
        } catch { throw Failure.input(Messages.field(option, error.description)) }
    }

    /// Refuses a time before the beginning of what it belongs to.
    static func check(_ time: WallTime, _ option: String, notBefore start: WallTime?) throws {
        guard let start, time < start else { return }
        throw Failure.input(
            Messages.field(option, Messages.beforeStart(time.milliseconds, start.milliseconds))
        )
    }
}

/// `field patrol start`.
struct PatrolStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: words("Start a patrol and its first leg.", "开始巡查及其第一段。")
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("What it watches: 水域, 街面, 工地, 燃气.", "巡查类型：水域、街面、工地、燃气。")))
    var kind: String = PatrolKind.water.rawValue

    @Option(help: ArgumentHelp(words("How it moves: 执法艇, 步行, 执法车 …", "交通方式：执法艇、步行、执法车……")))
    var transport: String = Transport.boat.rawValue

    @Option(help: ArgumentHelp(words("What it is for.", "任务。"))) var objective: String = ""
    @Option(help: ArgumentHelp(words("The boat's name.", "船名。"))) var vessel: String = ""
    @Option(help: ArgumentHelp(words("Where it sets out from.", "出发点。"))) var station: String = ""

    @Option(
        name: .customLong("member"),
        help: ArgumentHelp(words("An officer on it; repeat it.", "参加人员编号，可重复。"))
    )
    var members: [String] = []

    @Option(help: ArgumentHelp(words("When, if not now.", "时间，缺省为现在。"))) var time: String?

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        if let open = try PatrolFinder(context).open() {
            throw Failure.input(Messages.patrolOpen(ShortReference.text(open.key)))
        }
        let device = context.device
        var patrol = Patrol()
        let schema = Patrol.mapping.schema
        patrol.kind = try wordOptions.word(kind, "kind", of: schema, option: "--kind")
        patrol.transport = try wordOptions.word(
            transport,
            "transport",
            of: schema,
            option: "--transport"
        )
        patrol.objective = objective
        patrol.vessel = vessel
        patrol.station = station
        patrol.team = Set(([device.officer, device.partner] + members).filter { !$0.isEmpty })
        patrol.leader = device.officer
        patrol.town = device.town
        patrol.organ = device.organ
        patrol.startedAt = try TimeOption.time(time, "--time", context)
        let (key, leg) = try context.replica.write { transaction in
            let reference = try transaction.insert(patrol)
            var leg = Leg()
            leg.patrol = reference
            leg.transport = patrol.transport
            leg.leader = device.officer
            leg.startedAt = patrol.startedAt
            return (reference.key, try transaction.insert(leg).key)
        }
        context.output.line(
            Messages.patrolStarted(ShortReference.text(key), ShortReference.text(leg)),
            style: .green
        )
        try context.reportWaiting()
        try context.output.json(
            try context.written(key, ["leg": .string(ShortReference.full(leg))])
        )
    }
}

/// `field patrol leg`.
struct PatrolLegCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leg",
        abstract: words("End the leg and begin another.", "结束本段，开始新的一段。")
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("How it moves now.", "新的交通方式。"))) var transport: String?
    @Option(help: ArgumentHelp(words("Who leads now.", "新的负责人编号。"))) var leader: String?
    @Option(help: ArgumentHelp(words("When, if not now.", "时间，缺省为现在。"))) var time: String?

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        let finder = PatrolFinder(context)
        let patrol = try finder.required()
        let current = try finder.leg(of: patrol.key)
        let moment = try TimeOption.time(time, "--time", context)
        let start = current?.leg.startedAt ?? patrol.patrol.startedAt
        try TimeOption.check(moment, "--time", notBefore: start)
        var leg = Leg()
        leg.patrol = Reference(patrol.key.id)
        leg.transport =
            try transport.map {
                try wordOptions.word(
                    $0,
                    "transport",
                    of: Leg.mapping.schema,
                    option: "--transport"
                )
            } ?? current?.leg.transport ?? .boat
        leg.leader = leader ?? current?.leg.leader ?? context.device.officer
        leg.startedAt = moment
        let key = try context.replica.write { [leg] transaction in
            if let current, current.leg.endedAt == nil {
                try transaction.update(current.reference) { $0.endedAt = moment }
            }
            return try transaction.insert(leg).key
        }
        context.output.line(
            Messages.legStarted(ShortReference.text(key), leg.transport.rawValue),
            style: .green
        )
        try context.reportWaiting()
        try context.output.json(try context.written(key))
    }
}

/// `field patrol end`.
struct PatrolEndCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: words("End the patrol and its leg.", "结束巡查及其当前段。")
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("When, if not now.", "时间，缺省为现在。"))) var time: String?

    @Option(
        help: ArgumentHelp(
            words(
                "When the boat reached the shore: fines collected on the water are due two working "
                    + "days from then.",
                "抵岸时间：水上当场收缴的罚款自抵岸之日起两个工作日内上交。"
            )
        )
    )
    var ashore: String?

    @Option(help: ArgumentHelp(words("Satellite time of reaching the shore.", "抵岸的卫星时间。")))
    var ashoreGnss: String?

    @Option(help: ArgumentHelp(words("A remark.", "备注。"))) var remark: String?

    func run() throws {
        let context = try CommandContext(options)
        let finder = PatrolFinder(context)
        let patrol = try finder.required()
        let leg = try finder.leg(of: patrol.key)
        let moment = try TimeOption.time(time, "--time", context)
        let shore = try ashore.map { try TimeOption.time($0, "--ashore", context) }
        // The last leg began last: nothing of the patrol ends before it.
        let start = leg?.leg.startedAt ?? patrol.patrol.startedAt
        try TimeOption.check(moment, "--time", notBefore: start)
        // The boat may have reached the shore before the last leg began on foot.
        if let shore {
            try TimeOption.check(shore, "--ashore", notBefore: patrol.patrol.startedAt)
        }
        let satellite = try ashoreGnss.map { try TimeOption.time($0, "--ashore-gnss", context) }
        try context.replica.write { transaction in
            try transaction.update(Reference<Patrol>(patrol.key.id)) {
                $0.endedAt = moment
                if let remark { $0.remark = remark }
            }
            guard let leg else { return }
            try transaction.update(leg.reference) {
                if $0.endedAt == nil { $0.endedAt = moment }
                if let shore { $0.ashoreAt = shore }
                if let satellite { $0.ashoreGnssTime = satellite }
            }
        }
        context.output.line(Messages.patrolEnded(ShortReference.text(patrol.key)), style: .green)
        if shore ?? satellite != nil {
            context.output.line("  " + Messages.shoreTimer, style: .yellow)
        }
        try context.reportWaiting()
        try context.output.json(try context.written(patrol.key))
    }
}

/// `field patrol list`.
struct PatrolListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: words("List patrols, newest first.", "列出巡查，新的在前。")
    )

    @OptionGroup var options: StoreOptions

    @Option(help: ArgumentHelp(words("The most patrols.", "最多条数。"))) var limit: Int = 50

    func run() throws {
        let context = try CommandContext(options, isReading: true)
        var query = RecordQuery(Patrol.mapping.schema)
        query.orderedBy = "startedAt"
        query.descending = true
        let listing = try Listing(limit)
        query.limit = listing.asked
        let found = try context.replica.read { reading in
            try reading.records(query)
                .compactMap { key in
                    try reading.view(key).map { (key, $0) }
                }
        }
        let views = listing.shown(found)
        var table = TextTable(columns: [
            .init(words("reference", "编号"), isWhole: true),
            .init(words("from", "开始"), isWhole: true), .init(words("to", "结束"), isWhole: true),
            .init(words("kind", "类型")), .init(words("transport", "交通")),
            .init(words("objective", "任务"), columnsMax: 30), .init(words("leader", "负责人")),
        ])
        for (key, view) in views {
            let patrol = Patrol.mapping.record(from: view)
            table.append([
                .init(ShortReference.text(key), style: .cyan),
                .init(patrol.startedAt.map { ValueText.time($0.milliseconds) } ?? ""),
                .init(
                    patrol.endedAt.map { ValueText.time($0.milliseconds) }
                        ?? words("under way", "进行中")
                ),
                .init(patrol.kind.rawValue), .init(patrol.transport.rawValue),
                .init(patrol.objective), .init(patrol.leader),
            ])
        }
        context.output.table(table, whenEmpty: words("No patrols yet.", "尚无巡查。"))
        context.output.json(
            .array(views.map { RecordJSON.value($0.0, $0.1, in: Patrol.mapping.schema) })
        )
        listing.remark(found.count, context.output)
    }
}
