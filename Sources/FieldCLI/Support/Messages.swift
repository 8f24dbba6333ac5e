/// Everything the program says to people, in both languages, in one place.
///
/// The parts are in `Messages+….swift`, by subject. Each message stands in both languages side by
/// side, so that none is forgotten. Help texts stand at their options.
enum Messages {
    /// An error, as it is printed.
    static func error(_ text: String) -> String { words("error: \(text)", "错误：\(text)") }

    /// What is wrong and what would be right.
    static func wrong(_ problem: String, _ expected: String) -> String {
        words("\(problem); right would be: \(expected)", "\(problem)；应为：\(expected)")
    }

    /// A text that is not what a field takes.
    static func isNo(_ text: String) -> String {
        let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
        return words("“\(shown)” does not fit", "“\(shown)”不合要求")
    }

    /// A problem of a field or option.
    static func field(_ name: String, _ text: String) -> String {
        words("\(name): \(text)", "\(name)：\(text)")
    }

    /// A problem of a file.
    static func file(_ path: String, _ text: String) -> String {
        words("\(path): \(text)", "\(path)：\(text)")
    }

    /// A problem of a line of a file.
    static func line(_ path: String, _ line: Int, _ field: String?, _ text: String) -> String {
        let column = field.map { words(", field \($0)", "，字段 \($0)") } ?? ""
        return words(
            "\(path), line \(line)\(column): \(text)",
            "\(path) 第 \(line) 行\(column)：\(text)"
        )
    }

    /// How much waits to be sent.
    static func waiting(_ count: Int) -> String {
        switch count {
        case 0: words("nothing waits to be sent", "没有待发送的变更")
        case 1:
            words("1 change waits to be sent; `field sync` sends it", "1 项变更待发送；用 `field sync` 发送")
        default:
            words(
                "\(count) changes wait to be sent; `field sync` sends them",
                "\(count) 项变更待发送；用 `field sync` 发送"
            )
        }
    }
}
