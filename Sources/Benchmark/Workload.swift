import SyncCore

/// A finding as an ordinary patrol writes it: fourteen fields, a sentence of prose, no search index,
/// so that the plain table beside it holds the same and does the same.
struct BenchFinding: Record {
    var town: String?
    var matter: String?
    var officer: String?
    var observedAt: WallTime?
    var latitude: ScaledDecimal?
    var longitude: ScaledDecimal?
    var status: String?
    var severity: Int?
    var story: String?
    var party: String?
    var vessel: String?
    var tags: Set<String> = []

    static let mapping = RecordMapping<BenchFinding>("finding", number: 1) {
        $0.field(1, "town", \.town, .lastWriter)
        $0.field(2, "matter", \.matter, .keepSiblings)
        $0.field(3, "officer", \.officer, .lastWriter)
        $0.field(4, "observed_at", \.observedAt, .keepSiblings)
        $0.decimal(5, "latitude", \.latitude, scale: 6, .keepSiblings)
        $0.decimal(6, "longitude", \.longitude, scale: 6, .keepSiblings)
        $0.field(7, "status", \.status, .lastWriter)
        $0.field(8, "severity", \.severity, .keepSiblings)
        $0.field(9, "story", \.story, .keepSiblings)
        $0.field(10, "party", \.party, .keepSiblings)
        $0.field(11, "vessel", \.vessel, .keepSiblings)
        $0.set(12, "tags", \.tags)
        $0.group(\.latitude, \.longitude)
    }
}

/// Makes findings and edits from a seed.
struct Workload {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func number(below limit: UInt64) -> Int { Int(next() % limit) }

    mutating func pick(_ words: [String]) -> String { words[number(below: UInt64(words.count))] }

    static let statuses = ["待查", "已通报", "查证中", "限期改正", "已处罚", "复查", "结案"]
    static let towns = ["330502100", "330502101", "330502102", "330502104", "330502105"]
    private static let places = ["东苕溪北堤", "溇港闸口", "西山漾南岸", "码头二号泊位", "河口沙洲", "桥下水域"]
    private static let acts = ["电鱼器具一组", "地笼三只", "丝网过密", "无证捕捞", "堆放废弃网具", "船名无法辨认"]
    private static let ends = ["当场劝阻并拍照存证。", "已开具责令改正通知书。", "当事人称三日内移除。", "移送农业执法队处理。"]

    mutating func finding(_ index: Int) -> BenchFinding {
        var finding = BenchFinding()
        finding.town = pick(Workload.towns)
        finding.matter = "F\(10 + number(below: 20))"
        finding.officer = "3305020\(number(below: 90) + 10)"
        finding.observedAt = WallTime(
            milliseconds: 1_785_744_000_000 + Int64(index) * 61_000 + Int64(number(below: 60_000))
        )
        finding.latitude = ScaledDecimal(units: 30_850_000 + Int64(number(below: 90_000)))
        finding.longitude = ScaledDecimal(units: 120_050_000 + Int64(number(below: 90_000)))
        finding.status = pick(Workload.statuses)
        finding.severity = number(below: 5) + 1
        finding.story =
            "巡查发现\(pick(Workload.places))有\(pick(Workload.acts))，"
            + "距岸约\(number(below: 900))米，\(pick(Workload.ends))"
        finding.vessel = number(below: 2) == 0 ? nil : "浙湖渔\(10_000 + number(below: 90_000))"
        if number(below: 2) == 0 { finding.tags = ["夜间", pick(["拍照", "录像", "采样", "越界"])] }
        return finding
    }

    /// An ordinary edit: a status, a severity or a tag.
    mutating func edit(_ finding: inout BenchFinding) {
        switch number(below: 10) {
        case 0...5: finding.status = pick(Workload.statuses)
        case 6...7: finding.severity = number(below: 5) + 1
        default: finding.tags.insert(pick(["夜间", "拍照", "录像", "采样", "越界", "复查", "急件"]))
        }
    }
}
