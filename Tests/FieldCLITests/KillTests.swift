import Foundation
import Interchange
import Testing

/// Processes that end without warning: what was acknowledged is there, and the next start needs no
/// repair.
@Suite(.serialized) struct KillTests {
    @Test func `a device killed while it records loses nothing that it acknowledged`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        try program.makeDevice("a", officer: "demo-a1")
        var acknowledged = 0
        for round in 0..<12 {
            let process = try program.start([
                "find", "new", "--title", "第\(round)条", "--store", program.folder + "/a",
            ])
            // Killed earlier in some rounds, later in others; in some it is done before.
            usleep(UInt32(20_000 + round * 12_000))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .exit, process.terminationStatus == 0 {
                acknowledged += 1
            }
            let found =
                try program.json("a", ["find", "list", "--limit", "1000"]).array?.count ?? 0
            #expect(found >= acknowledged, "round \(round)")
            acknowledged = found
        }
        try program.on("a", ["doctor"])
    }

    @Test func `rounds of kills behind a link that loses, cuts and repeats lose nothing`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        let output = program.folder + "/rounds"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: FieldProgram.path)
            .deletingLastPathComponent().appendingPathComponent("kill-loop")
        process.arguments = [
            "--rounds", "4", "--seed", "7", "--devices", "3", "--folder", program.folder,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("nothing was lost"), "\(text)")
    }

    @Test func `a hub and a device killed in the middle of syncs end equal`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        try program.makeDevice("a", officer: "demo-a1")
        try program.makeDevice("b", officer: "demo-b1")
        var hub = try program.startHub()
        defer { hub.process.terminate() }
        let port = hub.url.split(separator: ":").last.flatMap { Int($0) } ?? 0
        for round in 0..<6 {
            for device in ["a", "b"] {
                try program.on(device, ["find", "new", "--title", "\(device) \(round)"])
                let sync = try program.start([
                    "sync", "--hub", hub.url, "--store", program.folder + "/" + device, "--tries",
                    "1",
                ])
                usleep(UInt32(30_000 + round * 25_000))
                if (round + (device == "a" ? 0 : 1)) % 2 == 0 {
                    kill(sync.processIdentifier, SIGKILL)
                } else {
                    kill(hub.process.processIdentifier, SIGKILL)
                    hub.process.waitUntilExit()
                    hub = try program.startHub(port: port)
                }
                sync.waitUntilExit()
            }
        }
        for device in ["a", "b", "a"] { try program.on(device, ["sync", "--hub", hub.url]) }
        let lists = try ["a", "b"]
            .map { device in
                Set(
                    (try program.json(device, ["find", "list", "--limit", "1000"]).array ?? [])
                        .compactMap { $0["fields"]?["title"]?.string }
                )
            }
        #expect(lists[0] == lists[1])
        #expect(lists[0].count == 12)
        for device in ["a", "b"] {
            #expect(try program.json(device, ["status"])["waiting"]?.integer == 0)
            try program.on(device, ["doctor"])
        }
    }

    @Test func `a hub whose disk dies gets back from a device what its copy has not`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        try program.makeDevice("a", officer: "demo-a1")
        try program.makeDevice("b", officer: "demo-b1")
        var hub = try program.startHub()
        defer { hub.process.terminate() }
        try program.on("a", ["find", "new", "--title", "周一"])
        try program.on("a", ["sync", "--hub", hub.url])
        hub.process.terminate()
        hub.process.waitUntilExit()
        let files = FileManager.default
        let folder = program.folder + "/hub"
        try files.copyItem(atPath: folder, toPath: folder + "-copy")
        hub = try program.startHub()
        try program.on("a", ["find", "new", "--title", "周二"])
        for device in ["a", "b"] { try program.on(device, ["sync", "--hub", hub.url]) }
        kill(hub.process.processIdentifier, SIGKILL)
        hub.process.waitUntilExit()
        // The device that wrote it is gone too; another one has it.
        try files.removeItem(atPath: folder)
        try files.removeItem(atPath: program.folder + "/a")
        try files.copyItem(atPath: folder + "-copy", toPath: folder)
        hub = try program.startHub(isRestored: true)
        try program.on("b", ["find", "new", "--title", "周三"])
        try program.on("b", ["sync", "--hub", hub.url])
        try program.makeDevice("c", officer: "demo-a1")
        try program.on("c", ["sync", "--hub", hub.url])
        let titles = (try program.json("c", ["find", "list"]).array ?? [])
            .compactMap { $0["fields"]?["title"]?.string }
        #expect(Set(titles) == ["周一", "周二", "周三"])
        for device in ["b", "c"] { try program.on(device, ["doctor"]) }
    }
}
