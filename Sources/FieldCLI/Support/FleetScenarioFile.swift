import Foundation
import Interchange
import Simulator
import Yams

/// Reads scenarios from YAML.
enum FleetScenarioFile {
    /// Reads a scenario by the name of its file under `seeds/scenarios`, or by a path.
    static func read(_ name: String) throws -> FleetScenario {
        let path = try find(name)
        let node = try YAMLFile.read(path)
        do {
            let json = try node.map { try value($0) } ?? .null
            let file = (path as NSString).lastPathComponent
            return try FleetScenario(name: (file as NSString).deletingPathExtension, json: json)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.input(Messages.file(path, "\(error)"))
        }
    }

    private static func find(_ name: String) throws -> String {
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return name }
        let folder = try Seeds.find(nil).folder + "/scenarios"
        let path = folder + "/" + name + ".yaml"
        guard FileManager.default.fileExists(atPath: path) else {
            let known = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
                .filter { $0.hasSuffix(".yaml") }.map { $0.dropLast(5) }.sorted()
            throw Failure.input(
                Messages.wrong(Messages.isNo(name), known.joined(separator: ", "))
            )
        }
        return path
    }

    private static func value(_ node: Node) throws -> JSONValue {
        switch node {
        case .mapping(let mapping):
            let members = try mapping.map {
                JSONObject.Member($0.key.string ?? "", try value($0.value))
            }
            guard let object = JSONObject(members) else {
                throw Failure.input(Messages.noMapping)
            }
            return .object(object)
        case .sequence(let sequence): return .array(try sequence.map { try value($0) })
        default:
            if let number = node.int { return .integer(Int64(number)) }
            if let flag = node.bool { return .boolean(flag) }
            return .string(node.string ?? "")
        }
    }
}
