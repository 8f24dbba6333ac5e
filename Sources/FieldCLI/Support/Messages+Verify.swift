import SyncCore

extension Messages {
    static func verified(_ name: String, _ store: StoreVerification) -> String {
        let kind = store.isHub ? words("hub", "中心") : words("device", "设备")
        return words(
            "\(name): \(kind) \(store.replica), \(store.entries) entries, \(store.records) records, "
                + "order seen to \(store.cursor)",
            "\(name)：\(kind) \(store.replica)，\(store.entries) 条变更，\(store.records) 条记录，"
                + "顺序至 \(store.cursor)"
        )
    }

    static func more(_ count: Int) -> String {
        words("and \(count) more; --json gives all", "另有 \(count) 项；--json 列出全部")
    }

    static func invariant(_ invariant: StoreFinding.Invariant) -> String {
        let meaning =
            switch invariant {
            case .noLoss: words("what the hub acknowledged is in it", "中心已确认的内容必在中心")
            case .exactlyOnce: words("a change stands once, with one content", "每个变更只有一份且内容唯一")
            case .denseOrder: words("numbers have no gap", "编号连续无缺")
            case .cursorHonesty:
                words("what a device says that it has seen is in it", "设备声称已见的内容必在设备")
            case .convergence:
                words("the same changes show the same", "变更相同则显示相同")
            case .mergeAlgebra:
                words("a record keeps the writes that none has seen", "记录恰好保留未被后续写入所见的写入")
            case .causality:
                words("nothing stands before what its writer had seen", "任何变更不早于其作者已见的内容")
            case .soundFile: words("the file can be read", "文件完好可读")
            case .projection:
                words("records and tables are what the log adds up to", "记录与查询表和日志一致")
            case .receipts: words("receipts name what is there", "回执与日志一致")
            }
        return "\(invariant.rawValue) · \(meaning)"
    }
}
