extension Messages {
    static func hubReady(_ port: Int, _ folder: String) -> String {
        words(
            "the hub is ready on http://127.0.0.1:\(port), its folder is \(folder)",
            "中心已就绪：http://127.0.0.1:\(port)，文件夹 \(folder)"
        )
    }

    static var hubWithoutSeeds: String {
        words(
            "no seeds folder found: the hub starts without reference data; --seeds names one",
            "未找到 seeds 文件夹：中心不含参考数据；可用 --seeds 指定"
        )
    }

    static func catalogueNewer(_ folder: String, _ name: String) -> String {
        words(
            "the reference data here are of release \(name), which is later than that of \(folder); "
                + "they stay",
            "现有参考数据为 \(name)，晚于 \(folder)；保持不变"
        )
    }

    static func catalogueClash(_ folder: String, _ name: String) -> String {
        words(
            "the tables of \(folder) differ from release \(name), which is installed, but their time is "
                + "the same: give them a new name and a later time in \(folder)/release.yaml",
            "\(folder) 的数据与已安装的 \(name) 不同，但发布时间相同：请在 \(folder)/release.yaml 中改名并写更晚的时间"
        )
    }

    static func catalogueHere(_ name: String) -> String {
        words("release \(name) is here already", "\(name) 已安装")
    }

    static var hubWithoutDictionary: String {
        words(
            "no preset dictionary: devices that use one cannot sync; start once with --seeds",
            "没有预置字典：使用字典的设备无法同步；请用 --seeds 启动一次"
        )
    }

    static func hubRenewed(_ epoch: String) -> String {
        words(
            "new epoch \(epoch): devices that sync bring what this copy has not",
            "新纪元 \(epoch)：各设备同步时将补传本副本缺失的内容"
        )
    }

    static func sqlite(_ version: String, hasFault: Bool) -> String {
        hasFault
            ? words(
                "library \(version): 3.7.0 to 3.51.2 can damage a write-ahead log that two connections "
                    + "use at the same moment; the store's lock keeps a second process out",
                "库版本 \(version)：3.7.0 至 3.51.2 在两个连接同时写日志时可能损坏文件；存储的锁会阻止第二个进程"
            )
            : words("library \(version)", "库版本 \(version)")
    }

    static func deviceFileUnusable(_ folder: String) -> String {
        words(
            "\(folder)/device.json, which names the officer, organ and town, is missing or unreadable; "
                + "write it again as in a store that `field init` makes elsewhere",
            "\(folder)/device.json（记载人员、单位、镇街）缺失或无法读取；请参照 `field init` 在别处建立的存储重写"
        )
    }

    static func onlyShown(_ folder: String) -> String {
        words(
            "\(folder) cannot be written: this is a look at it, nothing can be recorded there",
            "\(folder) 不可写：此处仅供查看，无法记录"
        )
    }

    static var shownBeside: String {
        words(
            "another command has the store: this is what is recorded up to now",
            "存储正被另一命令使用：此处为截至此刻的记录"
        )
    }

    static var lockedByAnother: String {
        words("the store is open in another process", "存储正被另一进程使用")
    }

    static var lockFree: String {
        words("no other process has the store open", "没有其他进程占用存储")
    }

    static var fileSound: String {
        words("SQLite finds the file sound", "SQLite 检查文件完好")
    }

    static func recordsAgree(_ entries: Int) -> String {
        words(
            "all records are what the \(entries) entries of the log add up to",
            "全部记录与日志的 \(entries) 条一致"
        )
    }

    static func recordsDiffer(_ count: Int, _ some: [String]) -> String {
        let list = some.joined(separator: "; ")
        return words(
            "\(count) records differ from the log, `field rebuild` makes them again: \(list)",
            "\(count) 条记录与日志不一致，可用 `field rebuild` 重建：\(list)"
        )
    }

    static var diskUnknown: String { words("free space is not known", "无法得知剩余空间") }

    static func disk(free: String, isLow: Bool) -> String {
        isLow
            ? words("only \(free) free", "仅剩 \(free)") : words("\(free) free", "剩余 \(free)")
    }

    static func rebuilt(_ records: Int, repaired: Int) -> String {
        words(
            "made \(records) records again from the log; \(repaired) had differed",
            "已由日志重建 \(records) 条记录；其中 \(repaired) 条曾不一致"
        )
    }
}
