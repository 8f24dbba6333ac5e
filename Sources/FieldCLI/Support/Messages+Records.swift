import Models
import Replication

extension Messages {
    static func storeMade(_ folder: String) -> String {
        words("made a store in \(folder)", "已在 \(folder) 建立存储")
    }

    static func storeAt(_ folder: String) -> String {
        words("store \(folder)", "存储 \(folder)")
    }

    static func storeOwner(_ device: DeviceFile, _ catalogue: Catalogue) -> String {
        let officer = catalogue.officer(device.officer).map { "\($0.name) (\($0.number))" }
        return owner(officer ?? device.officer, device)
    }

    static func owner(_ officer: String, _ device: DeviceFile) -> String {
        words(
            "officer \(officer), organ \(device.organ), town \(device.town)",
            "执法人员 \(officer)，单位 \(device.organ)，镇街 \(device.town)"
        )
    }

    static func partner(_ officer: String) -> String {
        words("second officer \(officer)", "第二名执法人员 \(officer)")
    }

    static func hubAddress(_ url: String) -> String {
        url.isEmpty
            ? words("no hub; `field sync --hub URL` names one", "未设中心；用 `field sync --hub URL` 指定")
            : words("hub \(url)", "中心 \(url)")
    }

    static func catalogueInstalled(_ entries: Int, _ catalogue: Catalogue) -> String {
        let towns = catalogue.towns.filter { $0.status != "retired" }.count
        let keys = Set(catalogue.matters.map(\.key)).count
        return words(
            "catalogue \(catalogue.release.name): \(keys) matters, \(towns) towns, "
                + "\(catalogue.waters.count) waters (\(entries) entries)",
            "目录 \(catalogue.release.name)：事项 \(keys) 个、镇街 \(towns) 个、"
                + "水域 \(catalogue.waters.count) 处（\(entries) 条）"
        )
    }

    static func scopes(_ scopes: [String]) -> String {
        let list = scopes.isEmpty ? words("everything", "全部") : scopes.joined(separator: ", ")
        return words("receives: \(list)", "接收范围：\(list)")
    }

    static func findingRecorded(_ reference: String, _ title: String) -> String {
        words("recorded finding \(reference)  \(title)", "已记录发现 \(reference)  \(title)")
    }

    static func findingEdited(_ reference: String, _ fields: [String]) -> String {
        let names = fields.map { fieldName($0) }.joined(separator: words(", ", "、"))
        return words("changed \(reference): \(names)", "已修改 \(reference)：\(names)")
    }

    static func maybeSame(_ reference: String) -> String {
        words(
            "may be the same event as \(reference): near in place and time",
            "与 \(reference) 时间地点相近，可能是同一事件"
        )
    }

    static func voided(_ reference: String, _ reason: String) -> String {
        words(
            "declared \(reference) void: \(reason); it stays readable",
            "已作废 \(reference)：\(reason)；仍可查阅"
        )
    }

    static var saysNothing: String {
        words(
            "it says nothing of what was seen yet; `field find edit last title=…` adds it",
            "尚未写明所见情况；可用 `field find edit last title=…` 补充"
        )
    }

    static func evidenceIsHere(_ reference: String, _ file: String) -> String {
        words(
            "\(file): its content is recorded already, as \(reference)",
            "\(file)：内容相同的证据已登记，编号 \(reference)"
        )
    }

    static func itemChanged(_ serial: String, _ before: String) -> String {
        words(
            "“\(serial)” was listed already, as \(before): the item is changed; another thing has another "
                + "number",
            "“\(serial)”此前已登记为 \(before)：已更改；不同物品请用不同编号"
        )
    }

    static func added(
        _ what: String,
        _ reference: String,
        _ finding: String,
        _ content: String
    ) -> String {
        words(
            "added \(what) \(reference) to \(finding): \(content)",
            "已为 \(finding) 添加\(what) \(reference)：\(content)"
        )
    }

    static func tagged(_ reference: String, _ tags: [String]) -> String {
        let list = tags.isEmpty ? words("none", "无") : tags.joined(separator: words(", ", "、"))
        return words("labels of \(reference): \(list)", "\(reference) 的标签：\(list)")
    }

    static func patrolStarted(_ reference: String, _ leg: String) -> String {
        words("started patrol \(reference), leg \(leg)", "巡查 \(reference) 已开始，第一段 \(leg)")
    }

    static func legStarted(_ reference: String, _ transport: String) -> String {
        words("began leg \(reference), \(transport)", "新的一段 \(reference) 已开始，\(transport)")
    }

    static func patrolEnded(_ reference: String) -> String {
        words("ended patrol \(reference)", "巡查 \(reference) 已结束")
    }

    static func beforeStart(_ time: Int64, _ start: Int64) -> String {
        wrong(
            words(
                "\(ValueText.time(time)) is before the start",
                "\(ValueText.time(time)) 早于开始时间"
            ),
            words(
                "\(ValueText.time(start)) or later",
                "不早于 \(ValueText.time(start))"
            )
        )
    }

    static func patrolUnderWay(_ reference: String) -> String {
        words("patrol \(reference) is under way", "巡查 \(reference) 进行中")
    }

    static var shoreTimer: String {
        words(
            "fines collected on the water are handed in within two working days from reaching the shore "
                + "(行政处罚法 第七十一条)",
            "水上当场收缴的罚款，自抵岸之日起二个工作日内上交（行政处罚法第七十一条）"
        )
    }

    static func trackAdded(_ outcome: TrackWriter.Outcome) -> String {
        words(
            "\(outcome.points) points, \(outcome.newPoints) of them new in \(outcome.newSegments) segments",
            "\(outcome.points) 个轨迹点，其中新增 \(outcome.newPoints) 个，共 \(outcome.newSegments) 段"
        )
    }

    static func pointsWithoutTime(_ count: Int) -> String {
        words("\(count) points without a time were left out", "\(count) 个没有时间的点未采用")
    }

    static var noFindings: String { words("No findings.", "没有发现。") }

    static func noMatters(_ day: CivilDate) -> String {
        words("No matter in force on \(day) has all these words.", "\(day) 有效的事项中没有全部匹配的。")
    }

    static func lifecycle(_ lifecycle: RecordView.Lifecycle) -> String {
        switch lifecycle {
        case .unknown: words("not created here", "未见创建")
        case .live: words("live", "有效")
        case .deleted: words("deleted", "已删除")
        case .voided: words("void", "已作废")
        case .contestedDeletion: words("deletion in dispute", "删除有争议")
        case .disputed: words("void in dispute", "争议")
        }
    }
}
