import ArgumentParser
import Crypto
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field evidence`.
struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: words("Evidence of a finding.", "发现的证据。"),
        subcommands: [EvidenceAddCommand.self]
    )
}

/// `field evidence add`.
struct EvidenceAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: words(
            "Record what is known of evidence files: digest, size, kind of media.",
            "登记证据文件的信息：摘要、大小、媒体类型。"
        ),
        discussion: words(
            "The files stay where they are; their SHA-256 is recorded, so that any change shows.",
            "文件留在原处；登记其 SHA-256，改动即可发现。"
        )
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp(words("The finding.", "发现的编号。"))) var reference: String

    @Argument(help: ArgumentHelp(words("Files.", "文件。")), completion: .file())
    var files: [String]

    @Option(
        help: ArgumentHelp(words("Which of the eight kinds: 书证, 物证, 视听资料 …", "证据种类：书证、物证、视听资料……"))
    )
    var kind: String?

    @Option(help: ArgumentHelp(words("What it shows.", "说明。"))) var caption: String = ""
    @Option(help: ArgumentHelp(words("When it was made.", "形成时间。"))) var time: String?

    @OptionGroup var wordOptions: WordOptions

    func run() throws {
        let context = try CommandContext(options)
        let finding = try context.finding(reference)
        let captured = try time.map { try TimeOption.time($0, "--time", context) }
        var pieces: [Evidence] = []
        let progress = ProgressLine()
        defer { progress.end() }
        for (index, path) in files.enumerated() {
            progress.show(words("Hashing", "计算摘要"), done: index, of: files.count)
            pieces.append(try evidence(path, finding, captured, context))
        }
        progress.end()
        pieces = try newOnes(pieces, of: finding, context)
        let keys = try context.replica.write { [pieces] transaction in
            try pieces.map { try transaction.insert($0).key }
        }
        for (key, piece) in zip(keys, pieces) {
            let size = SizeFormat.text(bytes: piece.byteCount)
            context.output.line(
                Messages.added(
                    words("evidence", "证据"),
                    ShortReference.text(key),
                    try context.naming(finding),
                    "\(piece.fileName)  \(size)  \(piece.mediaType)  "
                        + "sha256:\(Hex.text(piece.sha256).prefix(16))…"
                ),
                style: .green
            )
        }
        if let piece = pieces.first {
            try OfficerCheck.warn(piece.officers, at: piece.capturedAt, context)
        }
        try context.reportWaiting()
        let waiting = try context.replica.status().waitingChanges
        context.output.json(
            .object([
                "finding": .string(ShortReference.full(finding.key)),
                "evidence": .array(
                    zip(keys, pieces)
                        .map { key, piece in
                            .object([
                                "reference": .string(ShortReference.text(key)),
                                "id": .string(ShortReference.full(key)),
                                "file": .string(piece.fileName), "bytes": .integer(piece.byteCount),
                                "mediaType": .string(piece.mediaType),
                                "sha256": .string(Hex.text(piece.sha256)),
                            ])
                        }
                ),
                "waiting": .integer(Int64(waiting)),
            ])
        )
    }

    /// The pieces that the finding does not have: the same bytes twice are one piece of evidence.
    private func newOnes(
        _ pieces: [Evidence],
        of finding: Reference<Finding>,
        _ context: CommandContext
    ) throws -> [Evidence] {
        var query = RecordQuery(Evidence.mapping.schema)
        query.conditions = [.equals("finding", finding.fieldValue)]
        var known: [[UInt8]: String] = [:]
        // One that was declared void may be listed anew.
        let here = try context.replica.read { reading in
            try reading.all(Evidence.self, where: query)
                .filter { try reading.view($0.reference.key)?.lifecycle != .voided }
        }
        for piece in here {
            known[piece.record.sha256] = ShortReference.text(piece.reference.key)
        }
        return pieces.filter { piece in
            if let reference = known[piece.sha256] {
                context.output.remark(Messages.evidenceIsHere(reference, piece.fileName))
                return false
            }
            known[piece.sha256] = piece.fileName
            return true
        }
    }

    private func evidence(
        _ path: String,
        _ finding: Reference<Finding>,
        _ captured: WallTime?,
        _ context: CommandContext
    ) throws -> Evidence {
        let (digest, count, start) = try FileDigest.of(path)
        var evidence = Evidence()
        evidence.finding = finding
        evidence.sha256 = digest
        evidence.byteCount = count
        evidence.fileName = (path as NSString).lastPathComponent
        evidence.mediaType = MediaType.of(fileName: evidence.fileName, start: start)
        let isAudiovisual = ["image/", "video/", "audio/"]
            .contains {
                evidence.mediaType.hasPrefix($0)
            }
        let schema = Evidence.mapping.schema
        evidence.kind =
            try kind.map { try wordOptions.word($0, "kind", of: schema, option: "--kind") }
            ?? (isAudiovisual ? .audiovisual : .electronic)
        evidence.capturedAt = captured ?? context.now
        evidence.device = context.device.device
        evidence.officers = Set(
            [context.device.officer, context.device.partner].filter { !$0.isEmpty }
        )
        evidence.caption = caption
        return evidence
    }
}

/// The digest of a file, read piece by piece.
enum FileDigest {
    /// SHA-256, length and the first bytes.
    static func of(_ path: String) throws -> (digest: [UInt8], count: Int64, start: [UInt8]) {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            var digest = SHA256()
            var count: Int64 = 0
            var start: [UInt8] = []
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                if count == 0 { start = Array(piece.prefix(16)) }
                digest.update(data: piece)
                count += Int64(piece.count)
            }
            return (Array(digest.finalize()), count, start)
        } catch { throw Failure.input(Messages.cannotRead(path, error)) }
    }
}

/// The kind of media of a file.
enum MediaType {
    private static let byExtension = [
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "heic": "image/heic",
        "gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4", "mov": "video/quicktime",
        "mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/wav", "pdf": "application/pdf",
        "txt": "text/plain", "csv": "text/csv", "json": "application/json",
        "gpx": "application/gpx+xml", "zip": "application/zip",
    ]
    private static let bySignature: [(bytes: [UInt8], type: String)] = [
        ([0xFF, 0xD8, 0xFF], "image/jpeg"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
        ([0x25, 0x50, 0x44, 0x46], "application/pdf"),
        ([0x50, 0x4B, 0x03, 0x04], "application/zip"),
    ]

    /// Decides by the first bytes, then by the name.
    static func of(fileName: String, start: [UInt8]) -> String {
        let ending = (fileName as NSString).pathExtension.lowercased()
        let byName = byExtension[ending]
        guard let signed = bySignature.first(where: { start.starts(with: $0.bytes) })?.type else {
            return byName ?? "application/octet-stream"
        }
        // Office files and the like are ZIP files with a name that says more.
        return signed == "application/zip" ? byName ?? signed : signed
    }
}
