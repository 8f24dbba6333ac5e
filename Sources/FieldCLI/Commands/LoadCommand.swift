import ArgumentParser
import Foundation
import Interchange
import SyncCore

/// `field load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: words("Measure a hub under many devices.", "以大量设备测试中心的承载能力。"),
        discussion: words(
            "Devices are played as their messages, over HTTP, against a hub that is started for it in a "
                + "temporary folder, or against --hub, where what is pushed stays. First --hold devices "
                + "wait for a change, then --devices push, then four receive everything.",
            "以消息模拟设备，经 HTTP 访问临时启动的中心；用 --hub 可指定已运行的中心，但推送的内容会留在其中。"
                + "先由 --hold 台设备等待一项变更，再由 --devices 台设备推送，最后四台设备接收全部内容。"
        )
    )

    @OptionGroup var options: OutputOptions

    @Option(
        help: ArgumentHelp(
            words("A hub for tests; else one is started.", "测试用中心；缺省则临时启动一个。"),
            valueName: "url"
        )
    )
    var hub: String?

    @Option(help: ArgumentHelp(words("Devices that push.", "推送的设备数。")))
    var devices: Int = 200

    @Option(help: ArgumentHelp(words("Changes of each device.", "每台设备的变更数。")))
    var changes: Int = 100

    @Option(help: ArgumentHelp(words("Changes in one push.", "每次推送的变更数。")))
    var batch: Int = 10

    @Option(
        help: ArgumentHelp(
            words(
                "Changes a second that all devices make; 0 for as fast as they can.",
                "全部设备每秒产生的变更数；0 为不限速。"
            )
        )
    )
    var rate: Int = 0

    @Option(help: ArgumentHelp(words("Devices that hold a request.", "保持请求等待的设备数。")))
    var hold: Int = 0

    func validate() throws {
        guard (1...10_000).contains(devices), (0...9_900).contains(hold) else {
            throw ValidationError(
                words(
                    "--devices is 1 to 10000, --hold 0 to 9900.",
                    "--devices 为 1 至 10000，--hold 为 0 至 9900。"
                )
            )
        }
        guard (1...100_000).contains(changes), (1...1_000).contains(batch), rate >= 0 else {
            throw ValidationError(
                words(
                    "--changes is 1 to 100000, --batch 1 to 1000, --rate 0 or more.",
                    "--changes 为 1 至 100000，--batch 为 1 至 1000，--rate 不小于 0。"
                )
            )
        }
    }

    func run() async throws {
        HubProcess.endWhenInterrupted()
        let folder = NSTemporaryDirectory() + "field-load-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = try LoadScript(in: folder + "/script")
        let loaded = try hub.map { LoadHub(url: $0) } ?? LoadHub(startingIn: folder)
        defer { loaded.end() }
        let crew = LoadCrew(
            transport: try HTTPTransport(
                url: loaded.url,
                timeoutSeconds: 120,
                connectionsMax: max(devices, hold) + 8
            ),
            script: script,
            base: (CoreEnvironment.system.random() >> 2) | 1
        )
        var report = LoadReport(output: options.output)
        let line = ProgressLine()
        if hold > 0 { try await holdAll(crew, loaded, line, &report) }
        let total = devices * changes
        let pushed = try await crew.push(
            devices: devices,
            changes: changes,
            batch: batch,
            rate: rate
        ) { line.show(words("Pushing", "推送"), done: $0, of: total) }
        line.end()
        report.add("push", words("push", "推送"), pushed, unit: words("changes", "项变更"))
        let pulled = try await crew.pull(devices: 4) {
            line.show(words("Pulling", "接收"), done: $0, of: 4 * total)
        }
        line.end()
        report.add("pull", words("pull", "接收"), pulled, unit: words("entries", "条"))
        report.add(
            "idle",
            words("nothing new", "无新内容"),
            try await crew.idle(devices: min(devices, 100)),
            unit: words("entries", "条")
        )
        report.addMemory("peakMiB", words("hub, peak memory", "中心内存峰值"), loaded.peakMemory)
        report.finish()
    }

    private func holdAll(
        _ crew: LoadCrew,
        _ loaded: LoadHub,
        _ line: ProgressLine,
        _ report: inout LoadReport
    ) async throws {
        let before = loaded.memory
        let held = HeldMemory()
        let outcome = try await crew.hold(
            devices: hold,
            ready: { held.note(loaded.memory) }
        ) { line.show(words("Holding", "保持"), done: $0, of: hold) }
        line.end()
        report.add("hold", words("held, one change", "保持等待，一项变更"), outcome, unit: "")
        report.addMemory("beforeHoldMiB", words("hub, before", "中心内存，此前"), before)
        report.addMemory("heldMiB", words("hub, holding", "中心内存，保持中"), held.value)
    }
}
