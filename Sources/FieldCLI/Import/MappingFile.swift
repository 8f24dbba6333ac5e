import Yams

/// A YAML mapping, with messages that name its lines.
struct MappingFile {
    let path: String
    private let root: Node.Mapping

    /// Reads a file.
    init(path: String) throws {
        self.path = path
        guard case .mapping(let root)? = try YAMLFile.read(path) else {
            throw Failure.input(Messages.file(path, Messages.noMapping))
        }
        self.root = root
        let known = [
            "type", "format", "encoding", "key", "duplicates", "fields", "skip", "delimiter",
            "gapMinutes", "kind", "transport",
        ]
        for pair in root {
            guard let name = pair.key.string, known.contains(name) else {
                let name = pair.key.string ?? ""
                throw failure(
                    name,
                    Messages.wrong(Messages.isNo(name), known.joined(separator: ", ")),
                    at: pair.key
                )
            }
        }
    }

    /// A failure at an entry.
    func failure(_ name: String, _ text: String, at node: Node? = nil) -> Failure {
        let line = (node ?? root[Node(name)])?.mark?.line ?? 1
        return .input(Messages.line(path, line, name, text))
    }

    /// A text that must be there.
    func text(_ name: String) throws -> String {
        guard let text = optionalText(name), !text.isEmpty else {
            throw failure(name, Messages.isMissing)
        }
        return text
    }

    /// A text that may be there.
    func optionalText(_ name: String) -> String? { root[Node(name)]?.string }

    /// A template that must be there.
    func template(_ name: String) throws -> Template { Template(try text(name)) }

    /// The format of the data.
    func format() throws -> Mapping.Format? {
        guard let text = optionalText("format") else { return nil }
        guard let format = Mapping.Format(rawValue: text) else {
            throw failure("format", Messages.wrong(Messages.isNo(text), "csv, jsonl"))
        }
        return format
    }

    /// The encoding of the data.
    func encoding() throws -> TextEncoding {
        guard let text = optionalText("encoding") else { return .utf8 }
        guard let encoding = TextEncoding(named: text) else {
            let known = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
            throw failure("encoding", Messages.wrong(Messages.isNo(text), known))
        }
        return encoding
    }

    /// What parts the columns of a CSV file.
    func delimiter() throws -> UInt8 {
        let text = optionalText("delimiter") ?? ","
        guard let byte = text.utf8.first, text.utf8.count == 1 else {
            throw failure("delimiter", Messages.wrong(Messages.isNo(text), "\",\" \";\" \"\\t\""))
        }
        return byte
    }

    /// The names and nodes of an entry that is a mapping.
    func entries(_ name: String) throws -> [(name: String, node: Node)] {
        guard let node = root[Node(name)], case .mapping(let mapping) = node, mapping.count > 0
        else { throw failure(name, Messages.isMissing) }
        return try mapping.map { pair in
            guard let key = pair.key.string else { throw failure(name, Messages.noMapping) }
            return (key, pair.value)
        }
    }

    /// The options of a node, which may also be a bare column name.
    func options(_ node: Node, of name: String, known: [String]) throws -> [String: Node] {
        if let column = node.string { return ["column": Node(column)] }
        guard case .mapping(let mapping) = node else {
            throw failure(name, Messages.noMapping, at: node)
        }
        var options: [String: Node] = [:]
        for pair in mapping {
            let key = pair.key.string ?? ""
            guard known.contains(key) else {
                throw failure(
                    name + "." + key,
                    Messages.wrong(Messages.isNo(key), known.joined(separator: ", ")),
                    at: pair.key
                )
            }
            options[key] = pair.value
        }
        return options
    }

    /// The rows to leave out.
    func skipRules() throws -> [Mapping.SkipRule] {
        guard let node = root[Node("skip")] else { return [] }
        guard case .sequence(let rules) = node else {
            throw failure("skip", Messages.noMapping)
        }
        return try rules.map { rule in
            let options = try options(rule, of: "skip", known: ["column", "is", "empty"])
            guard let column = options["column"]?.string,
                options["is"] != nil || options["empty"]?.bool == true
            else { throw failure("skip", Messages.noSkipRule, at: rule) }
            return Mapping.SkipRule(column: column, text: options["is"]?.string)
        }
    }
}
