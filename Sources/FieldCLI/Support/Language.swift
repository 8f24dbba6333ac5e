import ArgumentParser
import Foundation

/// The language of messages.
enum Language: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// 中文.
    case chinese = "zh"
    /// English.
    case english = "en"

    /// The language of this run: `--language`, else the locale, else English.
    static let current = Language.of(
        arguments: ProcessInfo.processInfo.arguments,
        environment: ProcessInfo.processInfo.environment
    )

    /// Decides by the command line first, because help is made before it is parsed.
    static func of(arguments: [String], environment: [String: String]) -> Language {
        for (index, argument) in arguments.enumerated() {
            if argument == "--language", index + 1 < arguments.count,
                let language = Language(rawValue: arguments[index + 1])
            {
                return language
            }
            if argument.hasPrefix("--language="),
                let language = Language(rawValue: String(argument.dropFirst(11)))
            {
                return language
            }
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return locale?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }
}

/// The words of the language of this run.
func words(_ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String) -> String {
    Language.current == .chinese ? chinese() : english()
}
