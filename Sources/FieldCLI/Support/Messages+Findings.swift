import Interchange
import Models
import Replication

extension Messages {
    static func sticky(_ field: String) -> String {
        words(
            "\(field) stays once it is set: transfer is a duty (行政处罚法 第二十七条、第八十二条); only "
                + "法制审核 and 公安 can clear it, at the hub",
            "\(fieldName(field))一经标记不得由设备撤销：移送是法定义务（行政处罚法第二十七条、第八十二条）；"
                + "只能由法制审核与公安在中心解除"
        )
    }

    static func swapped(_ text: String, _ right: String) -> String {
        wrong(
            isNo(text),
            words("\(right): the order is longitude,latitude", "\(right)：顺序为经度,纬度")
        )
    }

    static func probableWater(_ hit: ClosureHit, water: String) -> String {
        words(
            "probably \(water), closed \(hit.kind == .area ? "all year" : "in this season"), by a "
                + "coarse box only: confirm with water=\(hit.closure.water)",
            "可能为\(water)（\(hit.kind == .area ? "全年禁渔" : "禁渔期")），仅按粗略范围判断："
                + "请用 water=\(hit.closure.water) 确认"
        )
    }

    static var closureUnknown: String {
        words(
            "whether this water is closed is not known: ask before treating it as open; water=KEY "
                + "names it (`field catalogue waters`)",
            "该水域是否禁渔尚不清楚：核实之前不得视为开放；用 water=代号 指明水域（`field catalogue waters`）"
        )
    }

    static func crimeHint(_ reason: CrimeReason) -> String {
        words("if so, \(crime(reason))", "如属实，\(crime(reason))")
    }

    static var flagMissing: String {
        words(
            "the flag is not set yet: the next edit or sync sets it",
            "标记尚未写入：下次编辑或同步时写入"
        )
    }

    static func flagged(_ reference: String) -> String {
        words(
            "\(reference): a crime is suspected now that all facts are together; 公安 was added",
            "\(reference)：事实合并后涉嫌犯罪，已标记并加入公安"
        )
    }

    static func futureAct(_ time: Int64) -> String {
        words(
            "the act lies in the future by this device's clock (\(ValueText.time(time))): check the "
                + "time",
            "按本机时钟，行为时间在将来（\(ValueText.time(time))）：请核对时间"
        )
    }

    static func pinnedAgain(
        _ key: String,
        _ old: Models.CivilDate,
        _ matter: Matter,
        _ day: Models.CivilDate
    )
        -> String
    {
        let from = matter.effectiveFrom?.description ?? ""
        return words(
            "\(key) in the version of \(old) was not in force on \(day): the version of \(from) was, "
                + "and is recorded now",
            "\(key) 的 \(old) 版本在 \(day) 尚未生效或已失效：当日有效的是 \(from) 版本，已改记"
        )
    }

    static func sameAs(_ others: [String], canonical: String) -> String {
        let list = others.joined(separator: words(", ", "、"))
        return words(
            "one event with \(list); \(canonical) stands for them",
            "与 \(list) 为同一事件，以 \(canonical) 为准"
        )
    }

    static func notSame(_ one: String, _ other: String) -> String {
        words("\(one) and \(other) are not one event", "\(one) 与 \(other) 不是同一事件")
    }

    static func uncertified(_ number: String, _ problem: OfficerCheck.Problem) -> String {
        switch problem {
        case .unknown:
            words("officer \(number) is not in the reference data", "参考数据中没有人员 \(number)")
        case .noCertificate:
            words("\(number) has no enforcement certificate", "\(number) 没有执法证件")
        case .expired(let day):
            words(
                "the enforcement certificate of \(number) is not valid on the day (to \(day))",
                "\(number) 的执法证件当日无效（有效期至 \(day)）"
            )
        }
    }

    static func tooFewOfficers(_ count: Int) -> String {
        words(
            "certified officers: \(count); two are needed (行政处罚法 第四十二条)",
            "持证执法人员 \(count) 名，依法不得少于两名（行政处罚法第四十二条）"
        )
    }

    static func neverVoided(_ reference: String) -> String {
        words(
            "\(reference) is evidence, which no device voids; `field note` says what is wrong with it",
            "\(reference) 是证据，设备上不得作废；可用 `field note` 说明问题"
        )
    }

    static func noEnding(_ text: String) -> String {
        wrong(
            isNo(text),
            words("void, delete, 作废 or 删除; keep or 保留", "作废、删除（void、delete）或 保留（keep）")
        )
    }
}
