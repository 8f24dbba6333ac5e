import Foundation
import Interchange
import SyncCore

/// Records that two people changed at the same time, from public repositories.
enum RealEdits {
    private static let folder: URL = {
        // Tests/SimulatorTests/Support/RealEdits.swift stands four levels below the root.
        var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.deletingLastPathComponent().appendingPathComponent("shared/data/edits")
    }()

    /// The files that stand beside the repository; empty where there are none.
    static let files: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasPrefix("record_concurrency_") && $0.hasSuffix(".jsonl.gz") }.sorted()

    /// The cases of a file.
    static func cases(_ file: String) throws -> [Case] {
        let data = try Data(contentsOf: folder.appendingPathComponent(file))
        let gzip = try GzipReader()
        var lines = JSONLinesReader()
        var cases: [Case] = []
        try gzip.unpack([UInt8](data)) { chunk in
            lines.append(chunk)
            while let (line, value) = try lines.next() { cases.append(try Case(value, line)) }
        }
        try gzip.finish()
        lines.finish()
        while let (line, value) = try lines.next() { cases.append(try Case(value, line)) }
        return cases
    }

    /// What one side did to each path: the new value, or null for a deletion.
    typealias Edits = [String: JSONValue]

    /// One record, its state before, and what each side did.
    struct Case {
        let name: String
        let label: String
        /// The leaves of the record before; nil where both sides made it.
        let base: [String: JSONValue]?
        let ours: Edits
        let theirs: Edits

        struct Malformed: Error { let line: Int }

        init(_ value: JSONValue, _ line: Int) throws {
            guard let label = value["class"]?.string, let record = value["record"]?.string,
                let ours = value["ours_ops"]?.object, let theirs = value["theirs_ops"]?.object,
                let base = value["base"]
            else { throw Malformed(line: line) }
            // One record stands in several cases, each a history of its own.
            name = "\(line) \(record)"
            self.label = label
            self.base = base.isNull ? nil : Case.leaves(base, at: "")
            self.ours = try Case.edits(ours, line)
            self.theirs = try Case.edits(theirs, line)
        }

        private static func edits(_ object: JSONObject, _ line: Int) throws -> Edits {
            var edits: Edits = [:]
            for member in object.members {
                guard let operation = member.value.array, operation.count == 3,
                    let kind = operation[0].string, ["add", "set", "del"].contains(kind)
                else { throw Malformed(line: line) }
                edits[member.key] = kind == "del" ? JSONValue.null : operation[2]
            }
            return edits
        }

        /// Every value of a document by its dotted path.
        private static func leaves(_ value: JSONValue, at path: String) -> [String: JSONValue] {
            switch value {
            case .object(let object) where !object.isEmpty:
                return object.members.reduce(into: [:]) { result, member in
                    let inner = path.isEmpty ? member.key : path + "." + member.key
                    result.merge(leaves(member.value, at: inner)) { first, _ in first }
                }
            case .array(let elements) where !elements.isEmpty:
                return elements.enumerated()
                    .reduce(into: [:]) { result, element in
                        let inner = path + "[\(element.offset)]"
                        result.merge(leaves(element.element, at: inner)) { first, _ in first }
                    }
            default: return [path: value]
            }
        }

        /// Whether a side deleted the record: every leaf that there was.
        func isDeletion(_ edits: Edits) -> Bool {
            guard let base, !edits.isEmpty else { return false }
            return Set(edits.keys) == Set(base.keys) && edits.values.allSatisfy(\.isNull)
        }
    }
}

extension RealEdits.Case {
    /// What a merge must come to, from the two sides' operations alone.
    struct Expectation {
        var fields: [String: JSONValue]
        /// Per field in dispute, both sides' values; null for a deletion.
        var disputed: [String: (ours: JSONValue, theirs: JSONValue)] = [:]
        var isDeleted = false
        var isDeletionDisputed = false
        /// Whether both sides did something to a same path, and the same.
        var agreesSomewhere = false
    }

    var expectation: Expectation {
        var result = Expectation(fields: base ?? [:])
        switch (isDeletion(ours), isDeletion(theirs)) {
        case (true, true):
            result.isDeleted = true
            return result
        case (true, false):
            result.isDeletionDisputed = true
            result.take(theirs)
            return result
        case (false, true):
            result.isDeletionDisputed = true
            result.take(ours)
            return result
        case (false, false): break
        }
        result.take(ours)
        for (path, theirs) in theirs {
            if let ours = ours[path] {
                if ours == theirs {
                    result.agreesSomewhere = true
                } else {
                    result.disputed[path] = (ours, theirs)
                    result.fields[path] = nil
                }
            } else {
                result.take([path: theirs])
            }
        }
        return result
    }
}

extension RealEdits.Case.Expectation {
    mutating func take(_ edits: RealEdits.Edits) {
        for (path, value) in edits {
            fields[path] = value.isNull ? .none : .some(value)
        }
    }
}
