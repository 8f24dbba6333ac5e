import Foundation
import Interchange
import Yams

/// A story of the demo, read from a file.
///
/// It says who takes part, what they do, and what must come out.
///
/// ```yaml
/// title: {en: A night, zh: 一夜}
/// about: {en: …, zh: …}
/// devices:
///   - {key: boat, officer: demo-a1, partner: demo-a2, town: "330502105"}
/// steps:
///   - scene: {en: …, zh: …}                 # a heading
///   - tell: {en: …, zh: …}                  # a line of the story
///   - {on: boat, run: [find, new, …], as: f1}   # $f1 stands for its reference from here on
///   - {sync: boat, rehearse: lose-response}     # or several: [boat, bank]
///   - {relay: boat, to: police}             # phone to phone, by files
///   - kill-hub: true                        # kill -9, and start it again
/// expect:                                   # besides: all equal, nothing waits
///   - {record: $f1, field: method, value: 电鱼}
///   - {record: $f1, conflicts: [method]}
///   - {type: measurement, count: 2}
/// ```
struct Scenario {
    /// Text in both languages.
    struct Words {
        let english: String
        let chinese: String
        /// In the language of the run.
        var text: String { words(english, chinese) }
    }

    /// One device with who carries it.
    struct Device {
        let key: String
        let officer: String
        let partner: String
        let town: String
    }

    /// What happens next.
    enum Step {
        case scene(Words)
        case tell(Words)
        case run(device: String, arguments: [String], name: String?)
        case sync(devices: [String], rehearsal: String?)
        case relay(from: String, to: String)
        case killHub
    }

    /// What must hold on every device in the end.
    enum Expectation {
        case value(record: String, field: String, value: String)
        case conflicts(record: String, fields: [String])
        case count(type: String, count: Int)
    }

    let title: Words
    let about: Words
    let devices: [Device]
    let steps: [(line: Int, step: Step)]
    let expectations: [(line: Int, expectation: Expectation)]

    /// The scenarios of a folder of seeds, by name.
    static func names(in seeds: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: seeds + "/demo")) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Reads a scenario of a folder of seeds.
    init(named name: String, in seeds: String) throws {
        let known = Scenario.names(in: seeds)
        guard known.contains(name) else {
            throw Failure.input(
                Messages.field(
                    "scenario",
                    Messages.wrong(Messages.isNo(name), known.joined(separator: ", "))
                )
            )
        }
        try self.init(path: "\(seeds)/demo/\(name).yaml")
    }

    private init(path: String) throws {
        let file = ScenarioFile(path: path)
        let root = try file.root()
        title = try file.words(root["title"], "title", root)
        about = try file.words(root["about"], "about", root)
        devices = try file.items(root["devices"], "devices", root)
            .map { node in
                Device(
                    key: try file.text(node["key"], "key", node),
                    officer: try file.text(node["officer"], "officer", node),
                    partner: node["partner"]?.string ?? "",
                    town: try file.text(node["town"], "town", node)
                )
            }
        let keys = devices.map(\.key)
        steps = try file.items(root["steps"], "steps", root)
            .map { (file.line($0), try file.step($0, devices: keys)) }
        expectations = try file.items(root["expect"], "expect", root)
            .map { (file.line($0), try file.expectation($0)) }
    }
}

/// Reads the parts of a scenario, with messages that name the line.
private struct ScenarioFile {
    let path: String

    func root() throws -> Node {
        guard let root = try YAMLFile.read(path), root.mapping != nil else {
            throw Failure.input(Messages.file(path, Messages.noMapping))
        }
        return root
    }

    func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    private func fault(_ node: Node, _ field: String, _ text: String) -> Failure {
        .input(Messages.line(path, line(node), field, text))
    }

    func text(_ node: Node?, _ field: String, _ parent: Node) throws -> String {
        guard let text = node?.string else { throw fault(parent, field, Messages.isMissing) }
        return text
    }

    func items(_ node: Node?, _ field: String, _ parent: Node) throws -> [Node] {
        guard let items = node?.sequence, !items.isEmpty else {
            throw fault(parent, field, Messages.isMissing)
        }
        return Array(items)
    }

    func words(_ node: Node?, _ field: String, _ parent: Node) throws -> Scenario.Words {
        if let text = node?.string { return Scenario.Words(english: text, chinese: text) }
        guard let english = node?["en"]?.string, let chinese = node?["zh"]?.string else {
            throw fault(node ?? parent, field, Messages.wrong(Messages.isMissing, "{en: …, zh: …}"))
        }
        return Scenario.Words(english: english, chinese: chinese)
    }

    private func texts(_ node: Node, _ field: String, _ parent: Node) throws -> [String] {
        if let text = node.string { return [text] }
        return try items(node, field, parent)
            .map { item in
                guard let text = item.string else { throw fault(item, field, Messages.isMissing) }
                return text
            }
    }

    private func device(_ name: String, _ node: Node, _ known: [String]) throws -> String {
        guard known.contains(name) else {
            let right = known.joined(separator: ", ")
            throw fault(node, "devices", Messages.wrong(Messages.isNo(name), right))
        }
        return name
    }

    func step(_ node: Node, devices: [String]) throws -> Scenario.Step {
        if let scene = node["scene"] { return .scene(try words(scene, "scene", node)) }
        if let tell = node["tell"] { return .tell(try words(tell, "tell", node)) }
        if let run = node["run"] {
            return .run(
                device: try device(try text(node["on"], "on", node), node, devices),
                arguments: try texts(run, "run", node),
                name: node["as"]?.string
            )
        }
        if let sync = node["sync"] {
            return .sync(
                devices: try texts(sync, "sync", node).map { try device($0, node, devices) },
                rehearsal: node["rehearse"]?.string
            )
        }
        if let sender = node["relay"]?.string {
            return .relay(
                from: try device(sender, node, devices),
                to: try device(try text(node["to"], "to", node), node, devices)
            )
        }
        if node["kill-hub"]?.bool == true { return .killHub }
        throw fault(
            node,
            "steps",
            Messages.wrong(Messages.isNo("step"), "scene, tell, run, sync, relay, kill-hub")
        )
    }

    func expectation(_ node: Node) throws -> Scenario.Expectation {
        if let type = node["type"]?.string {
            let count = try text(node["count"], "count", node)
            guard let number = Int(count) else {
                throw fault(node, "count", Messages.wrong(Messages.isNo(count), "2"))
            }
            return .count(type: type, count: number)
        }
        let record = try text(node["record"], "record", node)
        if let conflicts = node["conflicts"] {
            let isEmpty = conflicts.sequence?.isEmpty == true
            return .conflicts(
                record: record,
                fields: isEmpty ? [] : try texts(conflicts, "conflicts", node)
            )
        }
        return .value(
            record: record,
            field: try text(node["field"], "field", node),
            value: try text(node["value"], "value", node)
        )
    }
}
