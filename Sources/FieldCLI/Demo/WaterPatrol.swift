import Interchange

/// The story: a night on 东苕溪 in which three devices contradict each other and lose nothing.
struct WaterPatrol {
    let stage: DemoStage
    let seeds: String?
    let output: Output

    private let boat = "boat"
    private let bank = "bank"
    private let police = "police"
    private let taken = ["--time", "2026-08-03T18:59:00+08:00"]
    private var devices: [String] { [boat, bank, police] }

    init(stage: DemoStage, seeds: String?, output: Output) {
        self.stage = stage
        self.seeds = seeds
        self.output = output
    }

    /// Plays it from beginning to end; throws where something does not come out as it must.
    func play() throws {
        try prepare()
        try recordOffline()
        try contradict()
        try syncOverABadLink()
        try showAndResolve()
        try endEqual()
    }

    private func prepare() throws {
        stage.scene(words("18:20 In the harbour: stores, catalogue, patrol", "18:20 码头：建库、装目录、出发"))
        try stage.startHub(seeds: seeds)
        stage.tell(words("the hub runs at ", "中心地址 ") + stage.hubURL)
        let crew = [
            (boat, "demo-a1", "demo-a2"), (bank, "demo-b1", "demo-b2"),
            (police, "demo-c1", "demo-c2"),
        ]
        for (device, officer, partner) in crew {
            try stage.run(
                device,
                [
                    "init", "--officer", officer, "--partner", partner, "--town", "330502105",
                ] + (seeds.map { ["--seeds", $0] } ?? [])
            )
        }
        try stage.run(
            boat,
            ["patrol", "start", "--kind", "水域", "--transport", "执法艇", "--objective", "禁渔巡查"]
        )
        for device in devices { try stage.sync(device) }
    }

    private func recordOffline() throws {
        stage.scene(
            words("18:51 In the reeds, no signal: the boat finds something", "18:51 芦苇荡，无信号：船上有发现")
        )
        try stage.run(
            boat,
            [
                "find", "new", "--title", "东苕溪芦苇荡可疑渔船", "--matter", "F01",
                "--at", "120.04520,30.73180", "--accuracy", "6", "--water", "dong-tiaoxi",
                "--time", "2026-08-03T18:51:20+08:00",
                "--vessel-name", "no", "--vessel-port", "no", "--vessel-certificate", "no",
                "--persons", "2", "--remark", "发现时正在下电杆，靠近后将电杆抛入水中",
            ]
        )
        try stage.run(
            boat,
            ["measure", "last", "--kg", "12.5", "--method", "台秤", "--by", "demo-a2"]
        )
        try stage.run(
            boat,
            ["seize", "last", "--what", "丝网", "--count", "5", "--unit", "张", "--serial", "封签0173"]
                + taken
        )
        stage.scene(words("19:12 Phone to phone: boat → police → bank", "19:12 手机对手机：船 → 公安 → 岸上"))
        try relay(from: boat, to: police)
        try relay(from: police, to: bank)
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

    private func contradict() throws {
        stage.scene(
            words("19:33 Out of each other's sight, they contradict each other", "19:33 互不知情，说法矛盾")
        )
        let finding = try sharedFinding()
        try stage.run(bank, ["find", "edit", finding, "method=地笼", "--reason", "岸边起获湿地笼"])
        try stage.run(boat, ["find", "edit", finding, "method=电鱼", "--reason", "目击下电杆"])
        try stage.run(
            bank,
            ["measure", finding, "--kg", "15.2", "--method", "弹簧秤", "--by", "demo-b2"]
        )
        try stage.run(
            bank,
            ["seize", finding, "--what", "丝网", "--count", "6", "--unit", "张", "--serial", "封签0173"]
                + taken
        )
        try stage.run(
            boat,
            ["seize", finding, "--what", "丝网", "--count", "5", "--unit", "张", "--serial", "封签0173"]
                + taken
        )
        try stage.run(police, ["tag", finding, "夜间", "联合执法"])
        try stage.run(boat, ["outbox"])
    }

    /// The finding's short reference, which every device resolves.
    private func sharedFinding() throws -> String {
        guard
            let reference = try stage.json(boat, ["find", "list"]).array?.first?["reference"]?
                .string
        else {
            throw Failure(.different, words("the finding is not there", "找不到该发现"))
        }
        return reference
    }

    private func syncOverABadLink() throws {
        stage.scene(
            words(
                "20:05 Signal, of a kind: an answer is lost, the hub is killed",
                "20:05 信号时有时无：回应丢失，中心被杀"
            )
        )
        try stage.sync(boat, ["--rehearse", "lose-response"])
        stage.tell(words("the hub is killed (kill -9) and started again", "中心被强制结束（kill -9）后重启"))
        try stage.killAndRestartHub(seeds: seeds)
        try stage.sync(bank)
        try stage.sync(police)
        for device in devices { try stage.sync(device) }
    }

    private func showAndResolve() throws {
        stage.scene(words("20:20 What is in dispute", "20:20 争议何在"))
        let finding = try sharedFinding()
        try stage.run(boat, ["conflicts"])
        try stage.run(police, ["conflicts", "show", finding])
        try stage.run(boat, ["why", finding, "method"])
        try stage.run(
            boat,
            [
                "conflicts", "resolve", finding, "method", "--value", "电鱼", "--reason",
                "升压器与目击记录一致，地笼另记",
            ]
        )
        for device in devices { try stage.sync(device) }
        for device in devices { try stage.sync(device) }
        try stage.run(bank, ["why", finding, "method"])
    }

    private func endEqual() throws {
        stage.scene(words("The end: all equal, nothing lost", "结局：处处一致，一条不丢"))
        let finding = try sharedFinding()
        let views = try devices.map { device in
            let show = try stage.json(device, ["find", "show", finding])
            let conflicts = try stage.json(device, ["conflicts"])
            return JSONWriter(style: .canonical).text(of: .array([show, conflicts]))
        }
        let waiting = try devices.map { try stage.json($0, ["status"])["waiting"]?.integer ?? -1 }
        guard Set(views).count == 1, waiting.allSatisfy({ $0 == 0 }) else {
            throw Failure(.different, words("the devices differ", "各设备不一致"))
        }
        try stage.run(police, ["find", "show", finding])
        var table = TextTable(columns: [
            .init(words("device", "设备")), .init(words("exchanges", "同步次数"), alignment: .right),
            .init(words("bytes sent", "发送字节"), alignment: .right),
            .init(words("bytes received", "接收字节"), alignment: .right),
        ])
        for device in devices {
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
        output.line(
            words(
                "✔ three devices show the same, nothing waits, one dispute is settled and one is open "
                    + "for people to decide.",
                "✔ 三台设备显示一致，没有待发；一处争议已裁决，一处留待人工核对。"
            ),
            style: .green
        )
        output.line(
            words("Look into the stores: ", "存储在：") + stage.folder,
            style: .dim
        )
    }
}
