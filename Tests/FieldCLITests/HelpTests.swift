import Foundation
import Interchange
import Testing

/// Every command says what it is for, in both languages.
@Suite struct HelpTests {
    static let commands: [[String]] = [
        [], ["init"], ["patrol"], ["patrol", "start"], ["patrol", "leg"], ["patrol", "track"],
        ["patrol", "end"], ["find"], ["find", "new"], ["find", "edit"], ["find", "show"],
        ["find", "list"], ["find", "search"], ["find", "near"], ["find", "void"], ["measure"],
        ["note"], ["tag"], ["evidence"], ["evidence", "add"], ["seize"], ["matter"],
        ["matter", "search"], ["matter", "show"], ["sync"], ["status"], ["outbox"], ["conflicts"],
        ["conflicts", "list"], ["conflicts", "show"], ["conflicts", "resolve"], ["why"], ["log"],
        ["import"], ["export"], ["serve"], ["inspect"], ["verify"], ["doctor"], ["rebuild"],
        ["salvage"],
        ["words"], ["exit-codes"], ["install-catalogue"], ["demo"], ["replay"], ["patrol", "list"],
        ["hub"], ["hub", "compact"], ["hub", "replicas"], ["hub", "retire"],
    ]

    @Test(arguments: HelpTests.commands)
    func `a command has help in both languages`(command: [String]) throws {
        let tool = try CommandLineTool()
        let english = try tool.runList(command + ["--help"])
        #expect(english.status == 0 && english.output.contains("USAGE"), "\(english.remarks)")
        let chinese = try tool.runList(["--language=zh"] + command + ["--help"])
        #expect(chinese.status == 0 && chinese.output != english.output)
        #expect(chinese.output.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
    }

    @Test func `the locale decides the language`() throws {
        let tool = try CommandLineTool()
        let chinese = try tool.run("status", environment: ["LC_ALL": "zh_CN.UTF-8"])
        #expect(chinese.remarks.contains("错误"))
        let english = try tool.run("status", environment: ["LC_ALL": "en_GB.UTF-8"])
        #expect(english.remarks.contains("error"))
        let asked = try tool.run(
            "status",
            "--language",
            "zh",
            environment: ["LC_ALL": "en_GB.UTF-8"]
        )
        #expect(asked.remarks.contains("错误"))
    }

    @Test func `both README files list the exit codes as they are`() throws {
        let tool = try CommandLineTool()
        for (file, language) in [("README.md", "en"), ("README.zh-CN.md", "zh")] {
            let text = try String(
                contentsOfFile: FieldProgram.repository + "/" + file,
                encoding: .utf8
            )
            let codes = try tool.run("exit-codes", "--json", "--language", language).json()
            for code in codes.array ?? [] {
                let row = "| \(code["code"]?.lexeme ?? "") | \(code["meaning"]?.string ?? "") |"
                #expect(text.contains(row), "\(file): \(row)")
            }
        }
    }

    @Test func `what the parser says is in the language of the run`() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run("find", "new", "--colour", "--language", "zh")
        #expect(outcome.status == 64)
        #expect(outcome.remarks.contains("没有选项 '--colour'"), "\(outcome.remarks)")
    }

    @Test func `an argument that is no UTF-8 is refused by its position`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let outcome = try tool.runShell("\"$FIELD\" find new --title \"$(printf '\\377')\"")
        #expect(outcome.status == 64 && outcome.remarks.contains("argument 4"))
        #expect(try tool.run("find", "list", "--json").json().array?.isEmpty == true)
    }

    @Test func `wrong usage, exit codes and completion`() throws {
        let tool = try CommandLineTool()
        #expect(try tool.run("find", "new", "--colour", "red").status == 64)
        #expect(try tool.run("nonsense").status == 64)
        #expect(try tool.run("help", "exit-codes").output.contains("73"))
        #expect(try tool.run("exit-codes", "--json").json().array?.count == 11)
        #expect(try tool.run("--help").output.contains("69"))
        #expect(try tool.run("--version").status == 0)
        for shell in ["bash", "zsh", "fish"] {
            let script = try tool.run("--generate-completion-script", shell)
            #expect(script.status == 0 && script.output.contains("field"))
        }
    }
}
