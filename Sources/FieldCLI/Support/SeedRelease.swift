import Foundation
import Interchange
import Models
import Replication
import SyncCore
import Yams

/// Which state of the reference data a folder of seeds holds: `release.yaml`.
///
/// Of two releases the later one wins, field by field, on every device and hub. So the time has to
/// grow with each change of a table, and whoever installs seeds checks that it did.
struct SeedRelease: Equatable {
    /// The file's name.
    static let fileName = "release.yaml"

    /// The name for people.
    let name: String
    /// When it was published, in milliseconds since 1970.
    let publishedAt: Int64

    /// Reads the file.
    init(path: String, bytes: [UInt8]) throws {
        func fault(_ node: Node?, _ field: String, _ text: String) -> Failure {
            .input(Messages.line(path, node?.mark?.line ?? 1, field, text))
        }
        let root = try YAMLFile.read(bytes, path)
        guard let name = root?["name"]?.string, !name.isEmpty else {
            throw fault(root, "name", Messages.isMissing)
        }
        guard let node = root?["published"], let published = node.string else {
            throw fault(root, "published", Messages.isMissing)
        }
        self.name = name
        do {
            publishedAt = try TimeText.parse(published)
                .milliseconds(assumingOffsetMinutes: District.timeZoneMinutes)
        } catch {
            throw fault(node, "published", Messages.wrong(Messages.isNo(published), error.expected))
        }
    }
}

/// What is installed already, compared with what is about to be.
enum CatalogueState: Equatable {
    /// Nothing newer is here.
    case older
    /// This very release is here.
    case same
    /// A later release is here, of this name.
    case newer(String)
    /// Other files under the same time are here, of this name.
    case clash(String)

    /// Compares a release with those that are here.
    init(of release: CatalogueRelease, among installed: [CatalogueRelease]) {
        func time(_ release: CatalogueRelease) -> Int64 { release.publishedAt?.milliseconds ?? 0 }
        let newest = installed.max { (time($0), $0.hash) < (time($1), $1.hash) }
        if installed.contains(where: { $0.hash == release.hash }) {
            self = newest?.hash == release.hash ? .same : .newer(newest?.name ?? "")
        } else if let newest, time(newest) > time(release) {
            self = .newer(newest.name)
        } else if let newest, time(newest) == time(release) {
            self = .clash(newest.name)
        } else {
            self = .older
        }
    }
}

/// The release that a hub has installed, in a file beside its store.
enum InstalledRelease {
    private static func path(in folder: String) -> String { folder + "/catalogue.json" }

    /// Reads it; nil where none was installed.
    static func read(in folder: String) -> CatalogueRelease? {
        guard let bytes = FileManager.default.contents(atPath: path(in: folder)),
            let value = try? JSONParser().parse(Array(bytes)), let hash = value["hash"]?.string
        else { return nil }
        var release = CatalogueRelease()
        release.hash = hash
        release.name = value["name"]?.string ?? ""
        release.publishedAt = WallTime(milliseconds: value["publishedAt"]?.integer ?? 0)
        return release
    }

    /// Writes it, whole or not at all.
    static func write(_ release: CatalogueRelease, in folder: String) throws {
        let value: JSONValue = .object([
            "hash": .string(release.hash), "name": .string(release.name),
            "publishedAt": .integer(release.publishedAt?.milliseconds ?? 0),
        ])
        let text = JSONWriter(style: .pretty).text(of: value) + "\n"
        try InputFile.write(Array(text.utf8), to: path(in: folder))
    }
}
