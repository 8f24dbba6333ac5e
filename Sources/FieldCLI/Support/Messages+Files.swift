extension Messages {
    static func undecoded(_ failure: TextDecoder.Failure, _ encoding: TextEncoding) -> String {
        guard let offset = failure.offset else {
            return words(
                "this system cannot read \(encoding.rawValue); save the file as UTF-8",
                "本系统无法读取 \(encoding.rawValue) 编码；请另存为 UTF-8"
            )
        }
        return words(
            "byte \(offset + 1) is not \(encoding.rawValue); leave `encoding` out if the file is UTF-8",
            "第 \(offset + 1) 个字节不是 \(encoding.rawValue)；若文件为 UTF-8，请去掉 encoding"
        )
    }

    static var encodingHint: String {
        words("; or say `encoding: gbk` in the mapping", "；或在映射文件中写明 encoding: gbk")
    }

    static var notUTF8: String { words("is not UTF-8", "不是 UTF-8 编码") }

    static var noMapping: String {
        words("should be a YAML mapping of names to values", "应为 YAML 的名称—取值映射")
    }

    static var noAlias: String {
        words(
            "stands for another part, which no file here may do; right would be: the part written "
                + "out, or the text in quotation marks",
            "引用了另一部分，此处的文件不支持引用；应为：写出该部分，或给文本加引号"
        )
    }

    static var isMissing: String { words("is missing", "缺失") }

    static var isEmpty: String { words("is empty; every row needs it", "为空；每行都需要") }

    static var keyWithoutColumn: String {
        words("needs a {column}, or all rows would be one record", "须含 {列名}，否则所有行会成为同一条记录")
    }

    static var keyEmpty: String {
        words("is empty; the record's name comes from it", "为空；记录名由它产生")
    }

    static var keyUnfit: String {
        words(
            "is too long for a name, or holds U+0000; right would be: at most 900 bytes without it",
            "作为名称过长或含有 U+0000；应为：不含该字符、至多 900 字节"
        )
    }

    static func unscoped(_ fields: [String]) -> String {
        words(
            "is empty, so that no other device would receive the row; right would be: a value, by a "
                + "mapping of \(fields.joined(separator: " or "))",
            "为空，其他设备将收不到该行；应为：在映射中给出 \(fields.joined(separator: " 或 "))"
        )
    }

    static func columnInNoRow(_ known: [String]) -> String {
        wrong(
            words("no line of the file has this path", "文件中没有任何一行有此路径"),
            known.joined(separator: ", ")
        )
    }

    static func gzip(_ text: String) -> String {
        words("cannot be unpacked: \(text)", "无法解压：\(text)")
    }

    static func waypointsLeftOut(_ count: Int) -> String {
        words(
            "waypoints left out, only tracks are imported: \(count)",
            "\(count) 个航点未导入：仅导入轨迹"
        )
    }

    static func leftWithoutPlace(_ count: Int) -> String {
        words(
            "places left out because they are in another datum than WGS-84 or CGCS2000: \(count); the "
                + "records name it",
            "\(count) 处坐标不是 WGS-84 或 CGCS2000，未作为此类坐标写出；坐标系见记录"
        )
    }

    static var needsOneSource: String {
        words("needs one of column, constant, template", "须有 column、constant、template 之一")
    }

    static var noSkipRule: String {
        words("needs a column, and `is:` or `empty: true`", "须有 column，以及 is: 或 empty: true")
    }

    static func noDatePattern(_ text: String) -> String {
        wrong(isNo(text), "yyyy-MM-dd HH:mm:ss, M/d/yyyy, yyyy年M月d日, unix")
    }

    static func noDate(_ text: String) -> String {
        words("“\(text)” does not follow the mapping's date format", "“\(text)”不符合映射中的日期格式")
    }

    static var noColumn: String { words("there is no such column", "没有这一列") }

    static var noObject: String { words("the line is no JSON object", "该行不是 JSON 对象") }

    static func twice(_ key: String, _ line: Int) -> String {
        words(
            "“\(key)” stands in line \(line) already; make the key unique, or say duplicates: first",
            "“\(key)”已在第 \(line) 行出现；请使键唯一，或写明 duplicates: first"
        )
    }

    static func moreFaults(_ count: Int) -> String {
        words("… and \(count) more", "……另有 \(count) 处")
    }

    static var nothingImported: String {
        words("nothing was imported; mend the file and try again", "未导入任何内容；请修正文件后重试")
    }

    static var noTrackFile: String {
        words("is neither GPX nor NMEA 0183", "既不是 GPX 也不是 NMEA 0183")
    }

    static var needsMappingFile: String {
        words(
            "a CSV or JSON Lines file needs --mapping; see `field import --help`",
            "CSV 或 JSON Lines 文件需要 --mapping；见 `field import --help`"
        )
    }

    static func imported(_ path: String, _ outcome: RecordImport.Outcome) -> String {
        words(
            "\(path): \(outcome.rows) rows, \(outcome.new) new records, \(outcome.updated) updated, "
                + "\(outcome.present) here already, \(outcome.skipped + outcome.duplicates) left out",
            "\(path)：\(outcome.rows) 行，新增 \(outcome.new) 条，更新 \(outcome.updated) 条，"
                + "已有 \(outcome.present) 条，略过 \(outcome.skipped + outcome.duplicates) 条"
        )
    }

    static func importedTracks(_ path: String, _ outcome: TrackImport.Outcome) -> String {
        words(
            "\(path): \(outcome.tracks) tracks, \(outcome.newTracks) of them new; \(outcome.points) points, "
                + "\(outcome.newPoints) of them new in \(outcome.segments) segments, "
                + "\(outcome.points - outcome.newPoints) here already",
            "\(path)：轨迹 \(outcome.tracks) 条，其中新增 \(outcome.newTracks) 条；\(outcome.points) 个点，"
                + "其中新增 \(outcome.newPoints) 个（\(outcome.segments) 段），"
                + "已有 \(outcome.points - outcome.newPoints) 个"
        )
    }

    static func rounded(_ count: Int) -> String {
        words(
            "\(count) points were rounded to 7 digits (about 1 cm)",
            "\(count) 个点四舍五入到小数点后 7 位（约 1 厘米）"
        )
    }

    static func checked(_ path: String, _ count: Int) -> String {
        words("\(path): \(count) rows are fine; nothing was written", "\(path)：\(count) 行无误；未写入")
    }

    static func exported(_ path: String, _ count: Int, _ size: String) -> String {
        words("wrote \(count) records to \(path), \(size)", "已将 \(count) 条记录写入 \(path)，\(size)")
    }

    static var noFrame: String {
        words("is no store, delta, request or response", "不是存储、差异文件、请求或应答")
    }
}
