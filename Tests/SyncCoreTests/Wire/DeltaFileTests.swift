import Foundation
import Replication
import SyncCore
import Testing

@Suite struct DeltaFileTests {
    @Test func `a delta of any number of changes is read page by page`() throws {
        let count: UInt64 = 120_000
        #expect(count > WireLimits.standard.changesMax)
        let items = (1...count)
            .map { counter in
                var entry = LogEntry.sample(counter: counter)
                entry.author = "alice"
                return Batch.Item(entry: entry)
            }
        let delta = DeltaFile(batch: Batch(entries: items, isSequenced: true))
        var reader = try DeltaReader(delta.encoded(dictionary: nil), dictionaries: [])
        var next: UInt64 = 1
        var pages = 0
        while let page = try reader.next() {
            pages += 1
            #expect(page.entries.count < 40_000)
            #expect(page.entries.first?.entry.dot.counter == next)
            next += UInt64(page.entries.count)
        }
        #expect(next == count + 1)
        #expect(pages > 3)
    }

    @Test func `a change stands in one page, however many entries it has`() throws {
        let items = (0..<5)
            .map { part in
                Batch.Item(
                    entry: .sample(
                        part: UInt32(part),
                        parts: 5,
                        record: RecordKey(type: 1, id: .named("\(part)"))
                    )
                )
            }
        let next = Batch.Item(entry: .sample(counter: 2))
        let delta = DeltaFile(batch: Batch(entries: items + [next], isSequenced: true))
        let bytes = delta.encoded(dictionary: nil, pageBytes: 1)
        var reader = try DeltaReader(bytes, dictionaries: [])
        #expect(try reader.next()?.entries.count == 5)
        #expect(try reader.next()?.entries.count == 1)
        #expect(try reader.next() == nil)
        #expect(try DeltaFile(bytes, dictionaries: []) == delta)
    }

    @Test func `a delta of some kilobytes cannot take gigabytes, however many pages it has`() async
    {
        await #expect(processExitsWith: .success) {
            let items = (1...30_000 as ClosedRange<UInt64>)
                .map { Batch.Item(entry: .sample(counter: $0), sequence: $0) }
            let page = [0] + BatchEncoder.encode(Batch(entries: items, isSequenced: true))
            var writer = ByteWriter()
            writer.raw(DeltaFile.magic + Array(repeating: 0, count: 18))
            writer.count(1_000)
            for _ in 0..<1_000 { writer.block(page) }
            var error: (any Error)?
            let growth = Memory.growth {
                do { _ = try DeltaFile(writer.bytes, dictionaries: []) } catch let found {
                    error = found
                }
            }
            guard (error as? WireError)?.code == .limit else { exit(2) }
            guard growth < 512 << 20 else { exit(3) }
        }
    }

    @Test func `a delta of nothing is a delta`() throws {
        let delta = DeltaFile(batch: Batch(isSequenced: true), epoch: Frames.epoch)
        #expect(try DeltaFile(delta.encoded(dictionary: nil), dictionaries: []) == delta)
    }
}

@Suite struct TransferTests {
    @Test func `a digest is the beginning of the SHA-256, in its order`() {
        // FIPS 180-2: the digest of "abc" begins with ba7816bf 8f01cfea.
        let digest = Transfer.digest(of: Array("abc".utf8))
        let bytes = Transfer.resume(digest: digest, offset: 0).encoded
        #expect(bytes == [2, 0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0])
    }

    @Test func `a rest completes its own answer only`() {
        let answer: [UInt8] = [1, 2, 3, 4, 5]
        let rest = Transfer.Rest(of: answer, from: 3)
        #expect(rest?.completing([1, 2, 3]) == answer)
        #expect(rest?.completing([1, 2, 9]) == nil)
        #expect(rest?.completing([1, 2]) == nil)
        #expect(Transfer.Rest(of: answer, from: 6) == nil)
        #expect(Transfer.Rest(of: answer, from: -1) == nil)
    }

    @Test func `a message for people is cut at a character and has no U+0000`() throws {
        let long = String(repeating: "渔", count: 400) + "\0"
        for text in [long, "a\0b", ""] {
            let response = SyncResponse(status: .refused(code: 2, message: text))
            let decoded = try SyncResponse.decode(
                response.encoded(dictionary: nil),
                dictionaries: [],
                resolve: { _ in nil }
            )
            guard case .refused(2, let message) = decoded.status else {
                Issue.record("not refused")
                return
            }
            #expect(message.utf8.count <= WireLimits.standard.nameBytesMax)
            #expect(text.replacing("\0", with: "").hasPrefix(message))
        }
    }
}
