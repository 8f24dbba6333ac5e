import ArgumentParser
import Foundation
import Interchange

/// What the argument parser says, in the language of the run as far as it can be.
///
/// The parser knows English only. Its commonest sentences are put into Chinese here; the rest stays.
enum ParserMessages {
    private static let parts: [(english: String, chinese: String)] = [
        ("Error: ", "错误："), ("Usage: ", "用法："), ("Help: ", "帮助："),
        ("Unknown option ", "没有选项 "), ("Unexpected argument ", "多余的参数 "),
        ("unexpected arguments: ", "多余的参数："), ("Missing expected argument ", "缺少参数 "),
        ("Missing value for ", "缺少取值："), ("Missing one of: ", "缺少其中之一："),
        ("Unable to parse", "无法识别"), ("The value ", "取值 "), (" is invalid for ", " 不适用于 "),
        ("Please provide one of ", "应为其中之一："),
        (" for more information.", " 查看说明。"), ("  See ", "  请用 "),
    ]

    /// The text in the language of the run.
    static func text(_ english: String, in language: Language = .current) -> String {
        guard language == .chinese else { return english }
        return parts.reduce(english) {
            $0.replacingOccurrences(of: $1.english, with: $1.chinese)
        }
    }

    /// Ends the process as the parser's error asks for.
    static func exit(_ error: any Error) -> Never {
        let code = Field.exitCode(for: error)
        let message = Field.fullMessage(for: error)
        guard code != .success, !message.isEmpty, Language.current == .chinese else {
            Field.exit(withError: error)
        }
        Output.remark(text(message))
        Foundation.exit(code.rawValue)
    }
}
