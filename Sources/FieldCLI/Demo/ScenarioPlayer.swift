import Interchange

/// Plays a scenario on a stage and checks that everything came out as it must.
struct ScenarioPlayer {
    let scenario: Scenario
    let stage: DemoStage
    let seeds: String
    let output: Output

    /// Plays it from beginning to end; throws where something does not come out as it must.
    func play() throws {
        stage.scene(scenario.title.text)
        stage.tell(scenario.about.text)
        try stage.startHub(seeds: seeds)
        stage.tell(words("the hub runs at ", "中心地址 ") + stage.hubURL)
        for device in scenario.devices { try makeStore(device) }
        var names: [String: String] = [:]
        for item in scenario.steps { try play(item.step, &names) }
        stage.scene(words("The end: all equal, nothing lost", "结局：处处一致，一条不丢"))
        try checkEqual()
        for item in scenario.expectations { try check(item.expectation, line: item.line, names) }
        showBytes()
    }

    private func makeStore(_ device: Scenario.Device) throws {
        let partner = device.partner.isEmpty ? [] : ["--partner", device.partner]
        try stage.run(
            device.key,
            ["init", "--officer", device.officer] + partner
                + ["--town", device.town, "--seeds", seeds]
        )
    }

    private func play(_ step: Scenario.Step, _ names: inout [String: String]) throws {
        switch step {
        case .scene(let words): stage.scene(words.text)
        case .tell(let words): stage.tell(words.text)
        case .run(let device, let arguments, let name):
            try stage.run(device, arguments.map { resolved($0, names) })
            if let name { names[name] = try newestReference(on: device) }
        case .sync(let devices, let rehearsal):
            for device in devices {
                try stage.sync(device, rehearsal.map { ["--rehearse", $0] } ?? [])
            }
        case .relay(let sender, let receiver): try relay(from: sender, to: receiver)
        case .killHub:
            stage.tell(
                words("the hub is killed (kill -9) and started again", "中心被强制结束（kill -9）后重启")
            )
            try stage.killAndRestartHub(seeds: seeds)
        }
    }

    private func resolved(_ argument: String, _ names: [String: String]) -> String {
        guard argument.hasPrefix("$") else { return argument }
        return names[String(argument.dropFirst())] ?? argument
    }

    /// The short reference of the record that the newest change began with.
    private func newestReference(on device: String) throws -> String {
        let entries = try stage.json(device, ["log", "--limit", "50"]).array ?? []
        let newest = entries.first?["dot"]?.string
        let first = entries.first { $0["dot"]?.string == newest && $0["part"]?.integer == 0 }
        guard let reference = first?["reference"]?.string else {
            throw Failure(.different, words("nothing was recorded", "没有任何记录"))
        }
        return reference
    }

    /// Carries what one device has to another, as a file, with no hub.
    private func relay(from sender: String, to receiver: String) throws {
        let status = stage.folder + "/\(receiver)-status.json"
        let delta = stage.folder + "/\(sender)-to-\(receiver).delta"
        let text = JSONWriter(style: .pretty).text(of: try stage.json(receiver, ["status"]))
        try InputFile.write(Array(text.utf8), to: status)
        try stage.run(sender, ["sync", "--to-file", delta, "--peer", status])
        try stage.run(receiver, ["sync", "--from-file", delta])
    }

    // MARK: The end

    private func checkEqual() throws {
        var pictures: Set<String> = []
        for device in scenario.devices {
            let export = ["export", "-", "--format", "jsonl", "--type", "all"]
            // Records stand in the order of arrival, which is each device's own.
            let lines = try stage.capture(device.key, export).split(separator: "\n").sorted()
            pictures.insert(lines.joined(separator: "\n"))
            guard try stage.json(device.key, ["status"])["waiting"]?.integer == 0 else {
                throw Failure(.different, words("\(device.key) still waits", "\(device.key) 仍有待发"))
            }
        }
        guard pictures.count == 1 else {
            throw Failure(.different, words("the devices differ", "各设备不一致"))
        }
        stage.tellFulfilled(
            words(
                "\(scenario.devices.count) devices hold the same records, nothing waits",
                "\(scenario.devices.count) 台设备记录一致，没有待发"
            )
        )
    }

    private func check(
        _ expectation: Scenario.Expectation,
        line: Int,
        _ names: [String: String]
    ) throws {
        let (what, wanted): (String, String) =
            switch expectation {
            case .value(let record, let field, let value): ("\(record) \(field)", value)
            case .conflicts(let record, let fields):
                (words("disputed in \(record)", "\(record) 的争议"), list(fields))
            case .count(let type, let count): (Messages.typeName(type), String(count))
            }
        for device in scenario.devices.map(\.key) {
            let found =
                switch expectation {
                case .value(let record, let field, _):
                    text(try shown(record, names, device)["fields"]?[field])
                case .conflicts(let record, _):
                    list(
                        try shown(record, names, device)["conflicts"]?.array?
                            .compactMap(\.string) ?? []
                    )
                case .count(let type, _):
                    text(try stage.json(device, ["status"])["recordsByType"]?[type])
                }
            guard found == wanted else {
                throw Failure(
                    .different,
                    words(
                        "the scenario's line \(line) expects \(what): \(wanted); \(device) has \(found)",
                        "剧本第 \(line) 行预期 \(what)：\(wanted)；\(device) 为 \(found)"
                    )
                )
            }
        }
        stage.tellFulfilled("\(what): \(wanted)")
    }

    private func shown(
        _ record: String,
        _ names: [String: String],
        _ device: String
    ) throws -> JSONValue {
        try stage.json(device, ["find", "show", resolved(record, names)])
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? words("nothing", "无") : names.sorted().joined(separator: ", ")
    }

    private func text(_ value: JSONValue?) -> String {
        guard let value else { return "0" }
        return value.string ?? value.lexeme ?? value.description
    }

    private func showBytes() {
        var table = TextTable(columns: [
            .init(words("device", "设备")), .init(words("exchanges", "同步次数"), alignment: .right),
            .init(words("bytes sent", "发送字节"), alignment: .right),
            .init(words("bytes received", "接收字节"), alignment: .right),
        ])
        for device in scenario.devices.map(\.key) {
            let own = stage.bytes.filter { $0.device == device }
            table.append([
                .init(device), .init(String(own.count)),
                .init(String(own.reduce(0) { $0 + $1.sent })),
                .init(String(own.reduce(0) { $0 + $1.received })),
            ])
        }
        output.line()
        output.table(table, whenEmpty: "")
        output.line()
        output.line(words("Look into the stores: ", "存储在：") + stage.folder, style: .dim)
    }
}
