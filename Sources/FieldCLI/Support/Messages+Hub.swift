import Interchange
import MergeServer
import SyncCore

extension Messages {
    static func noHub(_ folder: String) -> String {
        words(
            "\(folder) holds no hub; `field serve --store` makes one",
            "\(folder) 中没有中心；可用 `field serve --store` 建立"
        )
    }

    static func noReplicaID(_ text: String) -> String {
        words(
            "'\(text)' names no replica; `field hub replicas` lists them",
            "“\(text)”不是副本编号；可用 `field hub replicas` 查看"
        )
    }

    static func unknownReplica(_ replica: ReplicaID) -> String {
        words(
            "this hub knows no replica \(replica); `field hub replicas` lists them",
            "中心没有副本 \(replica)；可用 `field hub replicas` 查看"
        )
    }

    static func replicaNotSilent(_ replica: ReplicaID, _ days: Int64, _ limit: Int) -> String {
        words(
            "\(replica) has been silent for \(days) days only, not \(limit); --silent-for says otherwise",
            "\(replica) 仅失联 \(days) 天，未满 \(limit) 天；可用 --silent-for 更改"
        )
    }

    static func retired(_ replica: ReplicaID) -> String {
        words(
            "\(replica) is retired: nobody waits for it, and it is welcome back",
            "\(replica) 已停用：不再等待，恢复联系时照常接纳"
        )
    }

    static func rosterState(_ entry: HubReplica, head: UInt64) -> String {
        if let time = entry.retiredAt {
            let text = ValueText.time(time)
            return words("retired on \(text)", "\(text) 停用")
        }
        if !entry.isRegistered { return words("only its changes came", "仅有其变更") }
        if entry.seen >= head { return words("has all", "已取全部") }
        let missing = head - entry.seen
        return words(
            "\(missing) not yet confirmed by its next exchange",
            "有 \(missing) 条待其下次同步确认"
        )
    }

    /// What a compaction did, a line each.
    static func compaction(_ report: HubCompaction, isDryRun: Bool) -> [String] {
        let bytes = SizeFormat.text(bytes: Int64(report.bytes))
        var lines = [
            isDryRun
                ? words(
                    "would close \(report.closed) deleted records and collect the content of "
                        + "\(report.collected) (\(bytes))",
                    "将关闭 \(report.closed) 条已删除记录，清理 \(report.collected) 条的内容（\(bytes)）"
                )
                : words(
                    "closed \(report.closed) deleted records and collected the content of "
                        + "\(report.collected) (\(bytes))",
                    "已关闭 \(report.closed) 条已删除记录，清理 \(report.collected) 条的内容（\(bytes)）"
                )
        ]
        if report.young > 0 {
            lines.append(
                words(
                    "\(report.young) were deleted too recently",
                    "\(report.young) 条删除时间未满"
                )
            )
        }
        if report.waiting > 0 {
            let names = report.holders.prefix(5).map(\.description).joined(separator: ", ")
            let more = report.holders.count > 5 ? " …" : ""
            lines.append(
                words(
                    "\(report.waiting) are closed and wait for \(names)\(more)",
                    "\(report.waiting) 条已关闭，等待 \(names)\(more)"
                )
            )
        }
        guard !isDryRun else { return lines }
        let before = SizeFormat.text(bytes: Int64(clamping: report.fileBytesBefore))
        let after = SizeFormat.text(bytes: Int64(clamping: report.fileBytesAfter))
        lines.append(words("the store: \(before), now \(after)", "存储由 \(before) 变为 \(after)"))
        if let failure = report.spaceFailure {
            lines.append(
                words(
                    "the disk did not take the space back: \(failure)",
                    "未能把空间还给磁盘：\(failure)"
                )
            )
        }
        return lines
    }

    static func collectedEarlier(_ count: Int, _ when: String) -> String {
        words(
            "The hub collected earlier content of \(count) entries (\(when)); what they wrote is not "
                + "here any more.",
            "中心已清理 \(count) 项早先内容（\(when)），其取值不再保留。"
        )
    }
}
