import Foundation
import GRDB
import SyncCore
import Testing

/// Whatever the bytes are, a decoder gives a value or a typed error.
///
/// It never traps, and what it takes of memory and time is bounded by the size of the message.
@Suite struct HostileBytesTests {
    /// Every golden frame, and deflated messages, which a mutation can hit in their compressed part.
    static func messages() throws -> [(name: String, kind: WireKind, bytes: [UInt8])] {
        var page = Frames.page
        for counter in 10..<40 as Range<UInt64> {
            page.entries.entries.append(
                Batch.Item(entry: .sample(counter: counter), sequence: counter + 40)
            )
        }
        return try Frames.all() + [
            ("response-deflated", .response, page.encoded(dictionary: nil)),
            ("response-with-dictionary", .response, page.encoded(dictionary: Frames.dictionary)),
        ]
    }

    private func check(
        _ bytes: [UInt8],
        _ kind: WireKind,
        _ name: String,
        names: inout NameTable,
        _ db: Database
    ) {
        switch kind.refusal(bytes, names: &names, db) {
        case nil, is WireError: break
        // A number of a replica or author that the store has not.
        case let error as StoreError where error.code == .corrupt: break
        case let error?: Issue.record("\(name): \(error) for \(bytes)")
        }
    }

    @Test func `a message that ends early is refused at every byte`() throws {
        try Tables.with { names, db in
            for message in try HostileBytesTests.messages() {
                for count in 0..<message.bytes.count {
                    let cut = Array(message.bytes.prefix(count))
                    let error = message.kind.refusal(cut, names: &names, db)
                    // Only parts of a message may be shorter than announced.
                    if error == nil,
                        message.name.hasPrefix("transfer-part")
                            || message.name.hasPrefix("transfer-rest")
                    {
                        continue
                    }
                    #expect(error is WireError, "\(message.name) cut to \(count) bytes")
                }
            }
        }
    }

    @Test func `every single flipped bit gives a value or a typed error`() throws {
        try Tables.with { names, db in
            for message in try HostileBytesTests.messages() {
                for bit in 0..<message.bytes.count * 8 {
                    var bytes = message.bytes
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                    check(bytes, message.kind, message.name, names: &names, db)
                }
            }
        }
    }

    @Test func `twenty thousand random mutations give values or typed errors`() throws {
        var random = Seeded(20_000)
        try Tables.with { names, db in
            let messages = try HostileBytesTests.messages()
            for _ in 0..<20_000 {
                let message = random.pick(messages)
                let bytes = Mutation.apply(to: message.bytes, &random)
                check(bytes, message.kind, message.name, names: &names, db)
            }
        }
    }

    @Test func `noise gives typed errors`() throws {
        var random = Seeded(3)
        try Tables.with { names, db in
            for kind in WireKind.allCases {
                for _ in 0..<500 {
                    var bytes = (0..<random.below(60)).map { _ in UInt8(random.below(256)) }
                    // A right beginning leads further in.
                    if random.chance(1, in: 2), !bytes.isEmpty { bytes[0] = UInt8(random.below(3)) }
                    check(bytes, kind, "noise", names: &names, db)
                }
            }
        }
    }

    @Test func `a few bytes cannot take much memory or time`() async {
        await #expect(processExitsWith: .success) {
            try Tables.with { names, db in
                let inputs = Malformed.all.map { ($0.name, $0.kind, $0.bytes) }
                let bombs = Bombs.all.enumerated().map { ("bomb \($0)", WireKind.batch, $1) }
                for (name, kind, bytes) in inputs + bombs {
                    let before = Memory.peak()
                    let start = ContinuousClock.now
                    _ = kind.refusal(bytes, names: &names, db)
                    let taken = Memory.peak() - before
                    let time = ContinuousClock.now - start
                    guard taken < 100 << 20, time < .seconds(8) else {
                        print("\(name), \(bytes.count) bytes: \(taken >> 20) MiB in \(time)")
                        exit(1)
                    }
                }
            }
        }
    }

    @Test func `a body of some kilobytes cannot take much memory either`() async {
        // The exit code says what failed: 10 the error, 30 the memory, 50 the time, plus the index.
        await #expect(processExitsWith: .success) {
            try Tables.with { names, db in
                for (index, bomb) in Bombs.large.enumerated() {
                    let deflated = Deflate.compress(bomb.bytes) ?? []
                    let head: [UInt8] = [1, 4, 5, 0, 0, 0, 0, 0, 1]
                    let body = head + Malformed.varint(UInt64(bomb.bytes.count)) + deflated
                    for (kind, bytes) in [(WireKind.request, body), (.batch, bomb.bytes)] {
                        var error: (any Error)?
                        let start = ContinuousClock.now
                        let taken = Memory.growth {
                            error = kind.refusal(bytes, names: &names, db)
                        }
                        let time = ContinuousClock.now - start
                        let isLimit = (error as? WireError)?.code == .limit
                        if bomb.isOverLimits, !isLimit { exit(Int32(10 + index)) }
                        if taken > 192 << 20 { exit(Int32(30 + index)) }
                        if time > .seconds(40) { exit(Int32(50 + index)) }
                    }
                }
            }
        }
    }

    @Test func `what the limits let through is a value`() throws {
        let record = LogEntry.sample().record
        let changes = try BatchDecoder.decode(Bombs.changes(50_000), resolve: { _ in record })
        #expect(changes.entries.count == 50_000)
        let entries = try BatchDecoder.decode(Bombs.entries(20_000), resolve: { _ in record })
        #expect(entries.entries.count == 20_000)
        let actions = try BatchDecoder.decode(Bombs.actions(200_000), resolve: { _ in record })
        #expect(actions.entries[0].entry.actions.count == 200_000)
    }

    @Test func `an honest batch of many equal small changes is within the limits`() throws {
        let items = (1...30_000 as ClosedRange<UInt64>)
            .map {
                Batch.Item(entry: .sample(counter: $0), recordNumber: 1, sequence: $0)
            }
        let bytes = BatchEncoder.encode(Batch(entries: items, isSequenced: true))
        #expect(bytes.count < 200)
        let record = LogEntry.sample().record
        let batch = try BatchDecoder.decode(bytes, resolve: { _ in record })
        #expect(batch.entries == items)
    }
}

/// Memory of this process, in bytes.
enum Memory {
    /// The most that it has ever used.
    static func peak() -> Int { value(of: "VmHWM") }

    /// How far a body takes memory above what is used before it.
    static func growth(_ body: () -> Void) -> Int {
        // Linux sets the high-water mark back to what is used now.
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        let before = value(of: "VmRSS")
        body()
        return peak() - before
    }

    private static func value(of name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) << 10
    }
}

/// Batches of a few dozen bytes that are valid as far as the limits let them be.
enum Bombs {
    static var all: [[UInt8]] {
        [
            changes(60_000), changes(100_000), entries(100_000), actions(300_000), groups(12_000),
            groups(500_000),
        ]
    }

    /// Batches of megabytes that a few kilobytes inflate to.
    static var large: [(name: String, bytes: [UInt8], isOverLimits: Bool)] {
        [
            ("16 seals of a million values", seals(16, of: 1_000_000), true),
            ("16 seals of a hundred thousand values", seals(16, of: 100_000), false),
            ("500,000 groups of 60 single members", groups(500_000, single: 60), true),
            ("100,000 groups of 60 single members", groups(100_000, single: 60), true),
            ("700,000 groups of one member", groups(700_000, single: 1), false),
            ("sealed groups", sealedGroups(60_000), false),
            ("a million texts", texts(900_000), false),
        ]
    }

    private static func seals(_ count: Int, of values: Int) -> [UInt8] {
        let content = (0..<values).flatMap { _ in [2, 0] as [UInt8] }
        return BatchPieces.with {
            $0.counts = [UInt8(count)]
            $0.codes = column(5, count)
            $0.rest = []
            for _ in 0..<count { $0.rest += [2] + Malformed.varint(UInt64(values)) + content }
        }
    }

    /// Groups in groups, to the depth that is allowed, in one seal.
    private static func sealedGroups(_ count: Int) -> [UInt8] {
        var inner: [UInt8] = [11, 64] + Array(repeating: 0, count: 64)
        inner = [11, 1, 11, 1] + inner
        return BatchPieces.mark(
            5,
            [2] + Malformed.varint(UInt64(count)) + (0..<count).flatMap { _ in [2] + inner }
        )
    }

    private static func groups(_ count: Int, single members: Int) -> [UInt8] {
        BatchPieces.with {
            $0.counts = Malformed.varint(UInt64(count))
            $0.codes = run(count) + [1]
            $0.fields = run(count) + [1]
            $0.rest = run(count) + [11] + run(count) + [UInt8(members)]
            let column = run(-count) + (0..<count).map { UInt8($0 & 1) + 1 }
            for _ in 0..<members { $0.rest += column }
        }
    }

    private static func texts(_ count: Int) -> [UInt8] {
        BatchPieces.with {
            $0.texts = Malformed.varint(UInt64(count)) + run(count) + [4]
            $0.texts += (0..<count)
                .flatMap { number in
                    (0..<4).map { UInt8(0x21 + (number >> (6 * $0)) & 63) }
                }
        }
    }

    private static func run(_ count: Int) -> [UInt8] { Malformed.zigZag(Int64(count)) }

    private static func column(_ value: UInt8, _ count: Int) -> [UInt8] { run(count) + [value] }

    private static func column(_ first: UInt8, then rest: UInt8, _ count: Int) -> [UInt8] {
        run(-1) + [first] + run(count - 1) + [rest]
    }

    /// One create in each of many changes.
    static func changes(_ count: Int) -> [UInt8] {
        BatchPieces.with {
            $0.changes = Malformed.varint(UInt64(count))
            $0.texts = [2, 3, 5, 0] + Array("alice".utf8)
            $0.replicaNumber = column(0, count)
            $0.counter = column(0, count)
            $0.base = column(6, then: 0, count)
            $0.peerCount = column(0, count)
            $0.time = column(0, count)
            $0.logical = column(0, count)
            $0.author = column(0, then: 1, count)
            $0.reason = column(0, then: 2, count)
            $0.parts = column(1, count)
            $0.entries = column(1, count)
            $0.part = column(0, count)
            $0.kind = column(0, count)
            $0.numbers = column(2, then: 0, count)
            $0.identity = []
            $0.counts = column(1, count)
            $0.codes = column(0, count)
        }
    }

    /// One change of many entries.
    static func entries(_ count: Int) -> [UInt8] {
        BatchPieces.with {
            $0.texts = [2, 3, 5, 0] + Array("alice".utf8)
            $0.parts = Malformed.varint(UInt64(count))
            $0.entries = Malformed.varint(UInt64(count))
            // Parts grow, so they are written one by one.
            $0.part = run(-count) + (0..<count).flatMap { Malformed.varint(UInt64($0)) }
            $0.kind = column(0, count)
            $0.numbers = column(2, then: 0, count)
            $0.identity = []
            $0.counts = column(0, count)
            $0.codes = []
        }
    }

    /// One entry of many writes.
    static func actions(_ count: Int) -> [UInt8] {
        BatchPieces.with {
            $0.counts = Malformed.varint(UInt64(count))
            $0.codes = run(count) + [1]
            $0.fields = run(count) + [1]
            $0.rest = run(count) + [0]
        }
    }

    /// Groups of groups.
    static func groups(_ count: Int) -> [UInt8] {
        BatchPieces.with {
            $0.counts = Malformed.varint(UInt64(count))
            $0.codes = run(count) + [1]
            $0.fields = run(count) + [1]
            $0.rest = run(count) + [11] + run(count) + [64]
            for _ in 0..<64 { $0.rest += run(count) + [0] }
        }
    }
}
