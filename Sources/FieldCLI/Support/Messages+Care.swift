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

    static var hubWithoutDictionary: String {
        words(
            "no preset dictionary: devices that use one cannot sync; start once with --seeds",
            "没有预置字典：使用字典的设备无法同步；请用 --seeds 启动一次"
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
