import ArgumentParser
import Foundation
import Interchange

/// `field demo`: a scenario, played by real processes.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: words(
            "Play a scenario: a hub and three devices as real processes.",
            "演一个场景：一个中心、三台设备，均为真实进程。"
        ),
        discussion: words(
            "water-patrol: the boat of 综合行政执法局, the bank team of 农业行政执法队 and an officer of 公安分局 "
                + "record one boat offline, contradict each other, sync over a link that fails, and end "
                + "equal. gas-inspection: three bodies inspect one gas shop on one day. The scenarios are "
                + "files of seeds/demo; everything in them is invented. The stores stay in the folder for "
                + "you to look into.",
            "water-patrol：综合行政执法局的船、农业行政执法队的岸上组、公安分局的一名民警，离线记录同一艘船，说法不一，"
                + "在出故障的链路上同步，最后一致。gas-inspection：三个部门同日联合检查一家燃气店。"
                + "场景是 seeds/demo 里的文件，内容均为虚构。存储留在文件夹里供查看。"
        )
    )

    /// Says that a folder is a demo's and may be emptied.
    private static let marker = ".field-demo"
    private static let markerText = "Made by `field demo`, which empties this folder.\n"

    @OptionGroup var options: OutputOptions

    @Argument(
        help: ArgumentHelp(
            words(
                "The scenario: water-patrol or gas-inspection.",
                "场景：water-patrol 或 gas-inspection。"
            )
        )
    )
    var scenario: String = "water-patrol"

    @Option(
        help: ArgumentHelp(
            words(
                "Where the stores are made; an earlier demo's is emptied first.",
                "存储所在文件夹；先前演示的会先清空。"
            )
        ),
        completion: .directory
    )
    var folder: String = NSTemporaryDirectory() + "field-demo"

    @Option(
        help: ArgumentHelp(words("Folder of the reference data.", "参考数据文件夹。")),
        completion: .directory
    )
    var seeds: String?

    func run() throws {
        // A reader that goes away must not leave the hub running, nor must one who interrupts.
        signal(SIGPIPE, SIG_IGN)
        HubProcess.endWhenInterrupted()
        let output = options.output
        let found = try Seeds.find(seeds).folder
        let story = try Scenario(named: scenario, in: found)
        try checkFolder()
        let stage = try DemoStage(folder: folder, output: output)
        try InputFile.write(
            Array(DemoCommand.markerText.utf8),
            to: folder + "/" + DemoCommand.marker
        )
        try ScenarioPlayer(scenario: story, stage: stage, seeds: found, output: output).play()
        stage.stopHub()
        output.json(stage.json(of: scenario))
    }

    /// Refuses a file, and a folder with something in it that no demo made.
    private func checkFolder() throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            throw Failure.input(
                words(
                    "\(folder) is a file; choose a folder with --folder",
                    "\(folder) 是文件；请用 --folder 选择文件夹"
                )
            )
        }
        let content = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        guard !content.isEmpty else { return }
        let mark = FileManager.default.contents(atPath: folder + "/" + DemoCommand.marker)
        guard mark == Data(DemoCommand.markerText.utf8) else {
            throw Failure.input(
                words(
                    "\(folder) is not empty and no demo's folder; choose another with --folder",
                    "\(folder) 非空且不是演示文件夹；请用 --folder 另选"
                )
            )
        }
        guard let foreign = content.first(where: { !isOfDemo($0) }) else { return }
        throw Failure.input(
            words(
                "\(folder) is a demo's folder, but \(foreign) in it is not the demo's; move it away or "
                    + "choose another folder with --folder",
                "\(folder) 是演示文件夹，但其中的 \(foreign) 不是演示产生的；请移走或用 --folder 另选"
            )
        )
    }

    /// Whether a demo made this: its mark, a store, or a file that went from one to the other.
    private func isOfDemo(_ name: String) -> Bool {
        let path = folder + "/" + name
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard isFolder.boolValue else {
            return name == DemoCommand.marker || name == "hub.log" || name.hasSuffix(".delta")
                || name.hasSuffix("-status.json")
        }
        let inside = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return name == "hub" || inside.isEmpty || inside.contains("store.sqlite")
            || inside.contains("store.lock")
    }
}
