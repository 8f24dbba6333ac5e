import ArgumentParser
import Foundation
import Interchange

/// `field demo`: the water patrol, played by real processes.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: words(
            "Play a water patrol: a hub and three devices as real processes.",
            "演一遍水上巡查：一个中心、三台设备，均为真实进程。"
        ),
        discussion: words(
            "The boat of 综合行政执法局, the bank team of 农业行政执法队 and an officer of 公安分局 record one "
                + "boat offline, contradict each other, sync over a link that fails, and end equal. "
                + "Everything is invented. The stores stay in the folder for you to look into.",
            "综合行政执法局的船、农业行政执法队的岸上组、公安分局的一名民警，离线记录同一艘船，说法不一，"
                + "在出故障的链路上同步，最后一致。人物均为虚构。存储留在文件夹里供查看。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Option(
        help: ArgumentHelp(words("Where the stores are made; emptied first.", "存储所在文件夹，先清空。")),
        completion: .directory
    )
    var folder: String = NSTemporaryDirectory() + "field-demo"

    @Option(
        help: ArgumentHelp(words("Folder of the reference data.", "参考数据文件夹。")),
        completion: .directory
    )
    var seeds: String?

    func run() throws {
        // A reader that goes away must not leave the hub running.
        signal(SIGPIPE, SIG_IGN)
        let output = Output(isJSON: false, wantsColour: options.output.isColoured)
        let marker = folder + "/hub.log"
        if let content = try? FileManager.default.contentsOfDirectory(atPath: folder),
            !content.isEmpty, !FileManager.default.fileExists(atPath: marker)
        {
            throw Failure.input(
                words(
                    "\(folder) is not empty and no demo's folder; choose another with --folder",
                    "\(folder) 非空且不是演示文件夹；请用 --folder 另选"
                )
            )
        }
        let stage = try DemoStage(folder: folder, output: output)
        _ = FileManager.default.createFile(atPath: marker, contents: nil)
        try WaterPatrol(stage: stage, seeds: seeds, output: output).play()
        stage.stopHub()
    }
}
