import Crypto
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// The reference data that ships with the program: the catalogue and the preset dictionary.
struct Seeds: Sendable {
    /// The folder they were read from.
    let folder: String

    /// The version of the preset dictionary made of `dictionary-text.txt`.
    static let dictionaryVersion: UInt8 = 1
    private static let dictionaryName = "dictionary-text.txt"

    /// Finds the seeds: as given, in the current folder, or beside or above the executable, where
    /// `make install` puts them too.
    static func find(_ given: String?) throws -> Seeds {
        if let given {
            guard isSeeds(given) else { throw Failure.input(Messages.noSeeds(given)) }
            return Seeds(folder: given)
        }
        if isSeeds("seeds") { return Seeds(folder: "seeds") }
        var folder = executableFolder
        for _ in 0..<6 {
            for name in ["/seeds", "/share/field/seeds"] where isSeeds(folder + name) {
                return Seeds(folder: folder + name)
            }
            let parent = (folder as NSString).deletingLastPathComponent
            if parent == folder { break }
            folder = parent
        }
        throw Failure.input(Messages.noSeeds(nil))
    }

    private static func isSeeds(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + CatalogueFile.matters.rawValue)
    }

    private static var executableFolder: String {
        let path = Bundle.main.executablePath ?? ProcessInfo.processInfo.arguments[0]
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return (real as NSString).deletingLastPathComponent
    }

    /// The catalogue, checked, and the changes that install it.
    func load() throws -> (catalogue: Catalogue, changes: [Change]) {
        var rows: [CatalogueFile: [CatalogueRow]] = [:]
        var digest = SHA256()
        let releasePath = folder + "/" + SeedRelease.fileName
        let releaseBytes = try InputFile.read(releasePath)
        let published = try SeedRelease(path: releasePath, bytes: releaseBytes)
        digest.update(data: Data(releaseBytes))
        for file in CatalogueFile.allCases {
            let path = folder + "/" + file.rawValue
            let bytes = try InputFile.read(path)
            digest.update(data: Data(file.rawValue.utf8))
            digest.update(data: Data(bytes))
            do {
                rows[file] = try CSVReader.rows(of: bytes)
                    .map { row in
                        let pairs = zip(row.names, row.fields)
                        return CatalogueRow(
                            line: row.line,
                            values: Dictionary(pairs, uniquingKeysWith: { first, _ in first })
                        )
                    }
            } catch {
                throw Failure.input(Messages.file(path, "\(error)"))
            }
        }
        let hash = digest.finalize().map { Hex.text($0) }.joined()
        var release = CatalogueRelease()
        release.hash = hash
        release.name = published.name
        release.rowCount = Int64(rows.values.reduce(0) { $0 + $1.count })
        let publishedAt = WallTime(milliseconds: published.publishedAt)
        release.publishedAt = publishedAt
        let catalogue = try Catalogue(release: release, rows: rows)
        // The bundle's replica comes from its digest: every device makes the same changes.
        let replica = UInt64(hash.prefix(16), radix: 16) ?? 1
        let changes = try District.seedChanges(
            of: catalogue,
            replica: ReplicaID(max(replica, 1)),
            releasedAt: publishedAt
        )
        return (catalogue, changes)
    }

    /// Installs what `load` gave into a device's store, when it is later than what is there.
    ///
    /// - Returns: how many entries are new.
    func install(_ catalogue: Catalogue, _ changes: [Change], into replica: Replica) throws -> Int {
        let installed = try replica.records(of: CatalogueRelease.self).map(\.record)
        switch CatalogueState(of: catalogue.release, among: installed) {
        case .older, .same: return try replica.install(changes)
        case .newer(let name): throw Failure.input(Messages.catalogueNewer(folder, name))
        case .clash(let name): throw Failure.input(Messages.catalogueClash(folder, name))
        }
    }

    /// Copies the dictionary beside a store, so that later runs need no seeds.
    func copyDictionary(to storeFolder: String) throws {
        let bytes = try InputFile.read(folder + "/" + Seeds.dictionaryName)
        try InputFile.write(bytes, to: storeFolder + "/" + Seeds.dictionaryName)
    }

    /// The dictionary that stands beside a store.
    static func dictionary(in storeFolder: String) -> CompressionDictionary? {
        let path = storeFolder + "/" + dictionaryName
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return CompressionDictionary(
            version: dictionaryVersion,
            text: String(decoding: data, as: UTF8.self)
        )
    }
}

/// Bytes as hexadecimal digits.
enum Hex {
    /// Two digits of a byte.
    static func text(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// Two digits for each byte.
    static func text(_ bytes: [UInt8]) -> String { bytes.map(text).joined() }

    /// Reads an even number of digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            guard pair.utf8.first != UInt8(ascii: "+"), let byte = UInt8(pair, radix: 16) else {
                return nil
            }
            result.append(byte)
        }
        return result
    }
}
