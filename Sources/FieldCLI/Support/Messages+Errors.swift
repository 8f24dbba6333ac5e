import Foundation
import Models
import Replication
import SyncCore

extension Messages {
    /// Why a store cannot be used.
    static func storeError(_ error: StoreError) -> String {
        let chinese =
            switch error.code {
            case .locked: "存储正被另一进程使用，请先结束该进程"
            case .foreign: "该文件不是本产品的存储"
            case .newerSchema: "存储由更新版本的程序写入，请改用新版程序"
            case .corrupt: "存储已损坏，请保留文件并运行 `field doctor`"
            case .full: "磁盘已满：此次内容未记录，请先腾出空间"
            case .readOnly: "文件夹或文件不可写，请检查权限与磁盘"
            case .missing: "此处没有存储，请先用 `field init` 建立"
            case .exists: "此处已有存储，请另选文件夹"
            case .input: "磁盘读写出错"
            case .database: "数据库拒绝了操作"
            }
        return words(error.message, "\(chinese)（\(error.message)）")
    }

    /// Why an edit was refused.
    static func editError(_ error: EditError) -> String {
        let chinese =
            switch error.code {
            case .field: "没有此字段，或该字段不能这样修改"
            case .value: "取值不合要求"
            case .hubOnly: "该字段只能由中心写入"
            case .missing: "记录不存在或已删除"
            case .legalFact: "法律事实只能作废，不能删除"
            case .outdated: "所依据的内容已有变化，请重新查看"
            case .exists: "条目已存在且不可更改，请另用编号"
            case .sealed: "记录已封存，不能删除，也不能在封存的同一次变更中修改"
            }
        return words("\(error)", "\(chinese)（\(error)）")
    }

    /// Why the store refuses a value.
    static func refused(_ problem: String) -> String {
        words(problem, "取值不合要求（\(problem)）")
    }

    /// Why a sync ended without being done.
    static func syncError(_ error: SyncError) -> String {
        let chinese =
            switch error.code {
            case .unreachable: "无法连接中心"
            case .notAHub: "对方不是中心"
            case .refused: "中心拒绝了本机或其变更"
            case .invalidAnswer: "中心的应答无法识别"
            case .newEpoch: "这是另一中心，或中心已重建"
            case .stalled: "交换没有进展"
            case .store: "本机存储无法接收"
            case .alreadySyncing: "正在同步"
            }
        return words("\(error)", "\(chinese)（\(error)）")
    }

    static func hubError(_ text: String) -> String { words(text, "中心：\(text)") }

    static func invalid(_ text: String) -> String { words(text, "输入无效：\(text)") }

    static func seedError(_ error: CatalogueError) -> String {
        words("seeds: \(error)", "参考数据：\(error)")
    }

    static func noStore(_ folder: String) -> String {
        words("\(folder) holds no store; make one with `field init`", "\(folder)")
    }

    static func noDevice(_ folder: String) -> String {
        words(
            "\(folder) has no device.json, which names the officer; is it a hub's folder?",
            "\(folder) 中没有 device.json（记载执法人员）；这是中心的文件夹吗？"
        )
    }

    static func noSeeds(_ folder: String?) -> String {
        words(
            "no reference data in \(folder ?? "./seeds or beside the program"); name the folder with "
                + "--seeds",
            "在\(folder ?? " ./seeds 或程序所在处")未找到参考数据；请用 --seeds 指定"
        )
    }

    static func cannotRead(_ path: String, _ error: any Error) -> String {
        file(path, words("cannot be read: \(reason(error))", "无法读取：\(reason(error))"))
    }

    static func cannotWrite(_ path: String, _ error: any Error) -> String {
        file(path, words("cannot be written: \(reason(error))", "无法写入：\(reason(error))"))
    }

    /// The system's number of an error, where it has one.
    static func posixCode(of error: any Error) -> Int32? {
        let error = error as NSError
        let below = error.userInfo[NSUnderlyingErrorKey] as? NSError
        return [error, below].compactMap { $0 }.first { $0.domain == NSPOSIXErrorDomain }
            .map { Int32($0.code) }
    }

    private static func reason(_ error: any Error) -> String {
        if let failure = error as? WriteFailure { return failure.description }
        if let code = posixCode(of: error) { return String(cString: strerror(code)) }
        let error = error as NSError
        if error.domain == NSCocoaErrorDomain, error.code == NSFileReadNoSuchFileError {
            return words("there is no such file", "没有这个文件")
        }
        return error.localizedDescription
    }

    static func outputLost(_ reason: String) -> String {
        words(
            "the result could not be written to standard output: \(reason)",
            "结果无法写到标准输出：\(reason)"
        )
    }

    static func argumentNotUTF8(_ position: Int) -> String {
        words(
            "argument \(position) is not UTF-8; write it in UTF-8, or set the terminal to it",
            "第 \(position) 个参数不是 UTF-8；请使用 UTF-8 终端"
        )
    }

    static func isFolder(_ path: String) -> String {
        file(path, words("is a folder; give a file", "是文件夹；请给出文件"))
    }

    static func tooLarge(_ path: String, _ size: Int, _ most: Int) -> String {
        file(
            path,
            words("has \(size) bytes; at most \(most) are read", "有 \(size) 字节；至多读取 \(most)")
        )
    }

    static func unknownReference(_ text: String, _ types: String) -> String {
        words(
            "no record is named “\(text)” (looked among: \(types)); `field find list` shows references",
            "没有编号为“\(text)”的记录（查找范围：\(types)）；用 `field find list` 查看编号"
        )
    }

    static func noLast(_ types: [String]) -> String {
        let list = types.count == 1 ? typeName(types[0]) : words("record", "记录")
        return words(
            "`last` is the newest \(list) made on this device, and there is none; give the reference of "
                + "another’s, `field find list` shows it",
            "last 指本机最新记录的\(list)，但本机没有；他人的请用编号，见 `field find list`"
        )
    }

    static func ambiguousReference(_ text: String, _ some: [String]) -> String {
        words(
            "“\(text)” names several records: \(some.joined(separator: ", ")); give more of it",
            "“\(text)”对应多条记录：\(some.joined(separator: "、"))；请多写几位"
        )
    }

    static func noAssignment(_ text: String) -> String {
        wrong(isNo(text), words("name=value, as method=地笼", "字段=值，如 method=地笼"))
    }

    static func unknownField(_ name: String, _ record: String, _ known: [String]) -> String {
        words(
            "\(record) has no field “\(name)”; it has \(known.joined(separator: ", "))",
            "\(typeName(record))没有字段“\(name)”；可用字段：\(known.joined(separator: "、"))"
        )
    }

    static func needsEntryName(_ field: String) -> String {
        words(
            "\(field) takes entries by a name: \(field).NAME=value",
            "\(field) 按名称追加条目：\(field).名称=值"
        )
    }

    static func noSet(_ field: String) -> String {
        words("\(field) is no set: use \(field)=value", "\(field) 不是集合：请用 \(field)=值")
    }

    static func noPlace(_ text: String) -> String {
        wrong(
            isNo(text),
            words("longitude,latitude, as 120.0452,30.7318", "经度,纬度，如 120.0452,30.7318")
        )
    }

    static func noAmount(_ text: String) -> String {
        wrong(isNo(text), words("what=amount, as 鲫鱼=8.0kg", "名称=数量，如 鲫鱼=8.0kg"))
    }

    static func unknownKey(_ key: String, _ what: String) -> String {
        words("“\(key)” is no known \(what)", "“\(key)”不是已知的\(what)")
    }

    static var town: String { words("town", "镇街") }
    static var organ: String { words("organ", "单位") }
    static var matter: String { words("matter", "事项") }
    static var water: String { words("water", "水域") }

    static func matterNotInForce(_ key: String, _ day: CivilDate, _ versions: [Matter]) -> String {
        let periods =
            versions.map {
                "\($0.effectiveFrom?.description ?? "") – \($0.effectiveTo?.description ?? "")"
            }
            .joined(separator: ", ")
        return words(
            "matter \(key) is not in force on \(day), the day of the act; its versions: \(periods)",
            "事项 \(key) 在行为日 \(day) 无有效条文；各版本：\(periods)"
        )
    }

    static var needsReason: String {
        words("give a reason with --reason; it stays in the log", "请用 --reason 给出理由，理由会写入日志")
    }

    static func needsOrganAndTown(_ officer: String) -> String {
        words(
            "officer \(officer) is not in the reference data: give --organ and --town",
            "参考数据中没有人员 \(officer)：请给出 --organ 与 --town"
        )
    }

    static var noPatrol: String {
        words(
            "no patrol is under way on this device; `field patrol start` begins one",
            "本机没有进行中的巡查；用 `field patrol start` 开始"
        )
    }

    static func patrolOpen(_ reference: String) -> String {
        words(
            "patrol \(reference) is under way; end it with `field patrol end`",
            "巡查 \(reference) 正在进行；先用 `field patrol end` 结束"
        )
    }

    static func noPoints(_ path: String) -> String {
        words("\(path) holds no points with a time", "\(path) 中没有带时间的轨迹点")
    }

    static var noHub: String {
        words(
            "no hub is known; give its address with --hub http://host:port",
            "尚不知道中心地址；请用 --hub http://主机:端口 给出"
        )
    }

    static var noStatusFile: String {
        words("is no `field status --json`", "不是 `field status --json` 的结果")
    }

    static func noConflict(_ reference: String) -> String {
        words("\(reference) has no open conflict", "\(reference) 没有未决冲突")
    }

    static func whichConflict(_ names: [String]) -> String {
        words(
            "name the field: \(names.joined(separator: ", ")) are in dispute",
            "请指明字段：有冲突的是 \(names.joined(separator: "、"))"
        )
    }

    static func needsGroup(_ names: [String]) -> String {
        words(
            "these fields are decided together: give \(names.joined(separator: ",")) by commas",
            "这些字段须一并裁决：请用逗号依次给出 \(names.joined(separator: ","))"
        )
    }

    static func cannotServe(_ port: Int, _ text: String) -> String {
        words(
            "the hub cannot take connections on port \(port): \(text)",
            "中心无法在端口 \(port) 接受连接：\(text)"
        )
    }
}
