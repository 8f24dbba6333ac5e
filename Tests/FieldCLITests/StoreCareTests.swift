import Foundation
import Interchange
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A store is there whole or not at all, and nothing that fails leaves work by hand.
@Suite(.serialized) struct StoreCareTests {
    private static let initialise = [
        "init", "--officer", "demo-a1", "--seeds", CommandLineTool.seeds,
    ]

    @Test func `an init that is killed at any moment can be run again`() throws {
        let tool = try CommandLineTool()
        for round in 0..<14 {
            let process = tool.process(StoreCareTests.initialise)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            usleep(UInt32(5_000 + round * 15_000))
            kill(process.processIdentifier, SIGKILL)
            process.waitForExit()
            let again = try tool.runList(StoreCareTests.initialise)
            // 3: the first one was done before it was killed.
            #expect(again.status == 0 || again.status == 3, "round \(round): \(again.remarks)")
            let status = try tool.run("matter", "show", "F01")
            #expect(status.status == 0, "round \(round): \(status.remarks)")
            #expect(try tool.run("doctor").status == 0)
            try FileManager.default.removeItem(atPath: tool.path("store"))
        }
    }

    @Test func `a disk that fills up stops init and writes, and nothing is half done`() throws {
        let tool = try CommandLineTool()
        // A limit on the size of files fails as a full disk does, and needs no root.
        let full = "trap '' XFSZ; ulimit -f 300; exec \"$FIELD\" "
        let made = try tool.runShell(
            full + "init --officer demo-a1 --seeds '\(CommandLineTool.seeds)'"
        )
        #expect(made.status == 74, "\(made.status): \(made.remarks)")
        #expect(!FileManager.default.fileExists(atPath: tool.path("store/store.sqlite")))
        try tool.makeStore()
        let before = try tool.picture()
        let text = String(repeating: "水", count: 60_000)
        let new = try tool.runShell(
            "trap '' XFSZ; ulimit -f 100; exec \"$FIELD\" find new --title x --remark \(text.prefix(30_000))"
        )
        #expect(new.status == 74, "\(new.status): \(new.remarks)")
        #expect(try tool.picture() == before)
        let export = try tool.runShell(
            "trap '' XFSZ; ulimit -f 1; exec \"$FIELD\" export out.jsonl --type matter"
        )
        #expect(export.status == 74, "\(export.remarks)")
        #expect(!FileManager.default.fileExists(atPath: tool.path("out.jsonl")))
        #expect(try tool.run("find", "new", "--title", "x").status == 0)
    }

    @Test(
        .enabled(if: geteuid() != 0 || FileManager.default.fileExists(atPath: "/usr/bin/setpriv"))
    )
    func `a read-only store is named so, and can be looked at`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "网")
        let before = try tool.picture()
        chmod(tool.folder, 0o755)
        for name in try FileManager.default.contentsOfDirectory(atPath: tool.path("store")) {
            chmod(tool.path("store/" + name), 0o444)
        }
        chmod(tool.path("store"), 0o555)
        // Root writes everywhere; another user does not.
        let user = geteuid() == 0 ? "setpriv --reuid 65534 --clear-groups " : ""
        let outcome = try tool.runShell("exec \(user)\"$FIELD\" find new --title x")
        #expect(outcome.status == 3, "\(outcome.status) \(outcome.remarks)")
        #expect(outcome.remarks.contains("permission"), "\(outcome.remarks)")
        for command in ["find list", "status", "export", "outbox", "log", "find show last"] {
            let shown = try tool.runShell("exec \(user)\"$FIELD\" \(command)")
            #expect(shown.status == 0, "\(command): \(shown.status) \(shown.remarks)")
            #expect(shown.output.contains("网") || command == "status")
        }
        chmod(tool.path("store"), 0o755)
        for name in try FileManager.default.contentsOfDirectory(atPath: tool.path("store")) {
            chmod(tool.path("store/" + name), 0o644)
        }
        #expect(try tool.picture() == before)
    }

    @Test func `a store whose file was emptied is refused and stays as it is`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        _ = try tool.makeFinding("--title", "网")
        let emptied = try tool.runShell(": > store/store.sqlite; rm -f store/store.sqlite-*")
        #expect(emptied.status == 0)
        let commands = [
            ["status"], ["find", "new", "--title", "x"], ["doctor"], StoreCareTests.initialise,
        ]
        for command in commands {
            let outcome = try tool.runList(command)
            #expect(outcome.status == 3 || outcome.status == 1, "\(command) \(outcome.output)")
        }
        let status = try tool.run("status")
        #expect(status.status == 3 && status.remarks.contains("is empty"), "\(status.remarks)")
        let hub = try tool.run("serve", "--port", "0", "--store", tool.path("store"))
        #expect(hub.status == 3 && hub.remarks.contains("is empty"), "\(hub.remarks)")
        let inspected = try tool.run("inspect", tool.path("store")).json()
        #expect(inspected["problems"]?.array?.count == 1)
        #expect(try Data(contentsOf: URL(filePath: tool.path("store/store.sqlite"))).isEmpty)
    }

    @Test func `inspect says of a folder without a store that it holds none`() throws {
        let tool = try CommandLineTool()
        let outcome = try tool.run("inspect", tool.folder)
        #expect(outcome.status == 3 && outcome.remarks.contains("holds no store"))
        #expect(!FileManager.default.fileExists(atPath: tool.path("store.sqlite")))
    }

    @Test func `doctor looks at a store whose device file is lost`() throws {
        let tool = try CommandLineTool()
        try tool.makeStore()
        try FileManager.default.removeItem(atPath: tool.path("store/device.json"))
        let report = try tool.run("doctor", "--json")
        #expect(report.status == 1)
        let checks = try report.json()["checks"]?.array ?? []
        #expect(checks.contains { $0["name"]?.string == "device" })
        #expect(checks.contains { $0["name"]?.string == "records" })
    }

    // MARK: Catalogue releases

    /// Seeds with a renamed town; their folder, the town and the catalogue's digest.
    private struct Variant {
        let path: String
        let town: String
        let hash: String
    }

    private func variant(
        _ tool: CommandLineTool,
        _ name: String,
        published: String
    ) throws -> Variant {
        let path = tool.path("seeds-" + name)
        try FileManager.default.copyItem(atPath: CommandLineTool.seeds, toPath: path)
        try replace("东林镇", "东林\(name)镇", in: path + "/towns.csv")
        try replace(
            "published: 2026-11-24T00:00:00Z",
            "published: \(published)",
            in: path + "/release.yaml"
        )
        let made = try tool.runList(
            StoreCareTests.initialise.dropLast() + [
                path, "--store", tool.path("of-" + name), "--json",
            ]
        )
        let hash = try made.json()["catalogue"]?.string ?? ""
        return Variant(path: path, town: "东林\(name)镇", hash: hash)
    }

    /// A release and a later one with a lower digest.
    private func releases(_ tool: CommandLineTool) throws -> (old: Variant, later: Variant) {
        let old = try variant(tool, "old", published: "2026-11-01")
        var highest = old
        for attempt in 0..<30 {
            let next = try variant(tool, "\(attempt)", published: "2026-11-\(15 + attempt % 2)")
            if attempt % 2 == 1, next.hash < highest.hash { return (highest, next) }
            if attempt % 2 == 0, next.hash > highest.hash { highest = next }
        }
        throw CocoaError(.featureUnsupported)
    }

    private func replace(_ old: String, _ new: String, in path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8)
            .write(to: URL(fileURLWithPath: path))
    }

    private func town(_ tool: CommandLineTool) throws -> String? {
        let lines = try tool.run("export", "-", "--format", "jsonl", "--type", "town").output
        let line = lines.split(separator: "\n").first { $0.contains("\"330502105\"") }
        return try line.flatMap { try JSONParser().parse(String($0))["fields"]?["name"]?.string }
    }

    @Test func `a later release reaches devices, whatever its digest`() async throws {
        let tool = try CommandLineTool()
        let (old, later) = try releases(tool)
        #expect(later.hash < old.hash)
        let made = try tool.runList(StoreCareTests.initialise.dropLast() + [old.path])
        #expect(made.status == 0, "\(made.remarks)")
        // A hub with the old seeds, with the later ones, and with the old ones again.
        for (seeds, town) in [(old, old.town), (later, later.town), (old, later.town)] {
            let hub = try await Hub.start(tool, seeds: seeds.path)
            #expect(try tool.run("sync", "--hub", hub.url).status == 0)
            hub.stop()
            #expect(try self.town(tool) == town)
        }
        let refused = try tool.run("install-catalogue", "--seeds", old.path)
        #expect(refused.status == 2 && refused.remarks.contains("later"), "\(refused.remarks)")
        #expect(try town(tool) == later.town)
    }

    @Test func `a device installs a later release itself, and changed tables need a later time`()
        throws
    {
        let tool = try CommandLineTool()
        try tool.makeStore()
        let path = tool.path("seeds")
        try FileManager.default.copyItem(atPath: CommandLineTool.seeds, toPath: path)
        try replace("东林镇", "东林新镇", in: path + "/towns.csv")
        let clash = try tool.run("install-catalogue", "--seeds", path)
        #expect(clash.status == 2 && clash.remarks.contains("release.yaml"), "\(clash.remarks)")
        try replace(
            "published: 2026-11-24T00:00:00Z",
            "published: soon",
            in: path + "/release.yaml"
        )
        let wrong = try tool.run("install-catalogue", "--seeds", path)
        #expect(wrong.status == 2 && wrong.remarks.contains("published"), "\(wrong.remarks)")
        try replace(
            "published: soon",
            "published: 2026-11-24T12:00:00Z",
            in: path + "/release.yaml"
        )
        #expect(try tool.run("install-catalogue", "--seeds", path).status == 0)
        #expect(try town(tool) == "东林新镇")
        let again = try tool.run("install-catalogue", "--seeds", path, "--json").json()
        #expect(again["entries"]?.integer == 0)
    }
}
