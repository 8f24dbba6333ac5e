import Interchange
import Replication
import SyncCore

extension Messages {
    static func phase(_ phase: SyncProgress.Phase, reason: String?) -> String {
        switch phase {
        case .connecting: words("Connecting", "连接中心")
        case .sending: words("Sending", "发送")
        case .receiving: words("Receiving", "接收")
        case .waiting: words("Waiting", "等待") + (reason.map { ": \($0)" } ?? "")
        case .finished: words("Done", "完成")
        }
    }

    static func synced(_ summary: SyncSummary) -> String {
        words(
            "synced: \(summary.changesUp) changes sent and acknowledged, \(summary.entriesDown) entries "
                + "received",
            "同步完成：发送并获确认 \(summary.changesUp) 项变更，接收 \(summary.entriesDown) 条"
        )
    }

    static func syncBytes(_ summary: SyncSummary) -> String {
        let retries =
            summary.retries > 0
            ? words(", \(summary.retries) retries", "，重试 \(summary.retries) 次") : ""
        return words(
            "\(summary.requestBytes) bytes up, \(summary.responseBytes) bytes down, "
                + "\(summary.roundTrips) round trips\(retries)",
            "上行 \(summary.requestBytes) 字节，下行 \(summary.responseBytes) 字节，"
                + "往返 \(summary.roundTrips) 次\(retries)"
        )
    }

    static func reincarnated(_ id: String) -> String {
        words(
            "this store was a copy of another one; it now has its own replica id \(id)",
            "本存储是另一存储的副本；现已改用新的副本号 \(id)"
        )
    }

    static func quarantined(_ count: Int) -> String {
        words(
            "\(count) of this device's changes are held apart at the hub",
            "本机有 \(count) 项变更被中心暂存待核"
        )
    }

    static func openConflicts(_ count: Int) -> String {
        count == 1
            ? words("1 conflict is open; see `field conflicts`", "1 处冲突未决；见 `field conflicts`")
            : words(
                "\(count) conflicts are open; see `field conflicts`",
                "\(count) 处冲突未决；见 `field conflicts`"
            )
    }

    static func stillWaiting(_ count: Int) -> String {
        words(
            "what was recorded is safe; \(waiting(count))",
            "已记录的内容安全无损；\(waiting(count))"
        )
    }

    static func duration(_ milliseconds: Int64) -> String {
        DurationFormat.text(
            milliseconds: milliseconds,
            units: Language.current == .chinese ? .chinese : .english
        )
    }

    static func moreRows(_ limit: Int) -> String {
        words(
            "there are more: only the first \(limit) are shown; see --limit",
            "还有更多：仅显示前 \(limit) 条；见 --limit"
        )
    }

    static func oldestWaits(_ milliseconds: Int64) -> String {
        let age = Messages.duration(max(0, milliseconds))
        return words("the oldest has waited for \(age)", "最早的一条已等待 \(age)")
    }

    static func lastSync(_ time: Int64?, hub: String) -> String {
        let address = hub.isEmpty ? words("none", "未设") : hub
        guard let time else {
            return words("never synced; hub: \(address)", "从未同步；中心：\(address)")
        }
        return words(
            "last sync \(ValueText.time(time)); hub: \(address)",
            "上次同步 \(ValueText.time(time))；中心：\(address)"
        )
    }

    static func deltaWritten(_ path: String, _ bytes: Int) -> String {
        let size = SizeFormat.text(bytes: Int64(bytes))
        return words("wrote \(path), \(size)", "已写出 \(path)，\(size)")
    }

    static func deltaMerged(_ path: String, _ count: Int) -> String {
        words("merged \(path): \(count) new entries", "已合并 \(path)：新增 \(count) 条")
    }

    static func shownMeanwhile(_ value: String) -> String {
        words("shown meanwhile, the same on every device: \(value)", "裁决前各设备一致暂显：\(value)")
    }

    static func howToResolve(_ reference: String, _ field: String) -> String {
        let command = "field conflicts resolve \(reference) \(field) --take a --reason …"
        return words("decide: \(command)", "裁决：\(command)")
    }

    static func resolved(_ reference: String, _ field: String, _ value: String) -> String {
        words("decided \(reference) \(field): \(value)", "已裁决 \(reference) \(field)：\(value)")
    }

    static func policy(_ policy: MergePolicy) -> String {
        let text =
            switch policy {
            case .lastWriter:
                words("the later write wins", "后写者胜；并发时按混合时钟")
            case .keepSiblings:
                words("concurrent values are all kept until someone decides", "并发取值全部保留，待人工裁决")
            case .keepLeast:
                words(
                    "concurrent values are all kept; the least counts until someone decides",
                    "并发取值全部保留，裁决前取最小值"
                )
            case .addWinsSet: words("a set; additions win over removals", "集合；添加优先于移除")
            case .growOnly: words("entries are only added", "只增不减")
            case .maximum: words("the greatest value counts", "取最大值")
            case .minimum: words("the least value counts", "取最小值")
            case .sticky: words("once true, always true", "一旦为真，不可撤销")
            case .counter: words("increments add up", "各方增量相加")
            case .hubOnly: words("only the hub writes", "仅中心可写")
            case .claim: words("the first claim leads, others assist", "先认领者主办，其余协办")
            case .text: words("text edits merge", "文本按修改处合并")
            }
        return words("policy \(policyName(policy)): \(text)", "合并策略 \(policyName(policy))：\(text)")
    }

    /// The stable name of a policy.
    static func policyName(_ policy: MergePolicy) -> String {
        switch policy {
        case .text(.siblings): "text(siblings)"
        case .text(.concatenate): "text(concatenate)"
        default: "\(policy)"
        }
    }

    static func fate(_ fate: Explanation.Fate, _ names: [Dot: String]) -> String {
        switch fate {
        case .shown: words("shown", "显示")
        case .kept: words("kept beside it", "并存待裁")
        case .counted: words("counted in", "已计入")
        case .supplement: words("a supplement to the seal", "封存后的补充")
        case .surpassed: words("surpassed, in the log", "被超过，留在日志")
        case .replaced(let by):
            words("replaced by ", "被取代：")
                + by.map { names[$0] ?? $0.description }.joined(separator: ", ")
        }
    }

    /// The stable name of a fate.
    static func fateName(_ fate: Explanation.Fate) -> String {
        switch fate {
        case .shown: "shown"
        case .kept: "kept"
        case .counted: "counted"
        case .supplement: "supplement"
        case .surpassed: "surpassed"
        case .replaced: "replaced"
        }
    }
}
