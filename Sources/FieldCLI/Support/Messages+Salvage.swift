import Interchange
import SyncCore

extension Messages {
    static func salvagedWhole(_ folder: String) -> String {
        words(
            "nothing is lost: everything that was recorded is in \(folder)",
            "没有丢失：全部记录已在 \(folder)"
        )
    }

    static func salvaged(_ waiting: Int, _ folder: String) -> String {
        words(
            "the store could not be read whole; \(folder) has \(waiting) changes that waited to be "
                + "sent, `field sync` brings what the hub has. Keep the damaged store",
            "无法完整读取存储；\(folder) 中有 \(waiting) 项尚未发送的变更，`field sync` 将取回中心已有的内容。"
                + "请保留损坏的存储"
        )
    }

    static func loss(_ loss: StoreSalvage.Loss) -> String {
        switch loss {
        case .change(let counter, 0, _):
            return words(
                "LOST: change \(counter) of this device, which waited to be sent",
                "丢失：本机第 \(counter) 项变更（尚未发送）"
            )
        case .change(let counter, let parts, let whole):
            return words(
                "LOST: \(whole - parts) of the \(whole) records in change \(counter) of this device, "
                    + "which waited to be sent",
                "丢失：本机第 \(counter) 项变更（尚未发送）涉及的 \(whole) 条记录中的 \(whole - parts) 条"
            )
        case .rows(let table, let detail):
            let text = TextWidth.truncated(TextWidth.harmless(detail), to: 160)
            return words("cannot be read: \(table): \(text)", "无法读取：\(table)：\(text)")
        }
    }

    static func moreLosses(_ count: Int) -> String {
        words("… and \(count) more; --json lists all", "……另有 \(count) 处；--json 列出全部")
    }

    static var catalogueMissing: String {
        words(
            "no seeds were found: `field install-catalogue` brings the reference data",
            "未找到 seeds：请用 `field install-catalogue` 载入参考数据"
        )
    }
}
