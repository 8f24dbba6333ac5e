import Foundation
import Testing

/// The demo empties what a demo made, and nothing else.
@Suite struct DemoFolderTests {
    @Test func `a file, a foreign folder and a foreign file in a demo's folder stay as they are`()
        throws
    {
        let program = try FieldProgram()
        defer { program.remove() }
        let file = program.folder + "/important.txt"
        try Data("important".utf8).write(to: URL(fileURLWithPath: file))
        #expect(try program.run(["demo", "--folder", file]).status == 2)
        #expect(try program.run(["demo", "--folder", program.folder]).status == 2)

        let stage = program.folder + "/stage"
        try FileManager.default.createDirectory(atPath: stage, withIntermediateDirectories: true)
        try Data("Made by `field demo`, which empties this folder.\n".utf8)
            .write(to: URL(fileURLWithPath: stage + "/.field-demo"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: stage + "/notes.md"))
        let refused = try program.run(["demo", "--folder", stage])
        #expect(refused.status == 2 && refused.errors.contains("notes.md"), "\(refused.errors)")
        #expect(try String(contentsOfFile: stage + "/notes.md", encoding: .utf8) == "mine")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "important")
    }

    @Test func `a demo that is interrupted leaves no hub behind`() throws {
        let program = try FieldProgram()
        defer { program.remove() }
        let stage = program.folder + "/stage"
        let demo = try program.start(["demo", "--folder", stage, "--seeds", "seeds"])
        let log = stage + "/hub.log"
        let deadline = Date(timeIntervalSinceNow: 60)
        while !((try? String(contentsOfFile: log, encoding: .utf8))?.contains("address=") ?? false),
            Date() < deadline, demo.isRunning
        { usleep(50_000) }
        kill(demo.processIdentifier, SIGINT)
        demo.waitForExit()
        #expect(demo.terminationStatus == 130)
        // The hub lets go of its store when it has ended.
        var isFree = false
        while !isFree, Date() < deadline {
            let hub = try program.run(["hub", "replicas", stage + "/hub"])
            isFree = hub.status == 0
            if !isFree { usleep(100_000) }
        }
        #expect(isFree)
    }
}
