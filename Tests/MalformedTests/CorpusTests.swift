import Foundation
import Testing

/// Whatever a file holds, its reader gives a value or an error that says what is wrong and where.
@Suite struct CorpusTests {
    @Test(arguments: Decoder.all.map(\.name))
    func `every malformed input is refused as its list says`(decoder name: String) throws {
        let decoder = try #require(Decoder.named(name))
        for input in try Corpus.inputs(of: name) {
            let bytes = try Corpus.bytes(name, input.name)
            let refused = decoder.refusal(bytes)
            #expect(
                refused?.refusal == input.expected,
                "\(name)/\(input.name): \(refused?.message ?? "no named error")"
            )
            guard let message = refused?.message else { continue }
            #expect(!message.isEmpty && message.utf8.count < 2_000, "\(name)/\(input.name)")
            if let line = input.expected.line {
                #expect(message.contains("line \(line)"), "\(name)/\(input.name): \(message)")
            }
            // Whoever made the file may not move the cursor of the terminal that shows the message.
            let isSafe = message.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
            }
            #expect(isSafe, "\(name)/\(input.name): \(message.debugDescription)")
        }
    }

    @Test func `the lists name every file, and the corpus is as large as was asked for`() throws {
        var count = 0
        for decoder in Decoder.all {
            let names = try Corpus.inputs(of: decoder.name).map(\.name)
            #expect(Set(names).count == names.count, "\(decoder.name)")
            #expect(try Corpus.files(of: decoder.name) == Set(names), "\(decoder.name)")
            count += names.count
        }
        #expect(try Corpus.decoders() == Set(Decoder.all.map(\.name)))
        #expect(count + Bomb.all.count >= 300)
    }

    @Test func `no small file takes much memory or time`() async {
        await #expect(processExitsWith: .success) {
            for decoder in Decoder.all {
                for input in try Corpus.inputs(of: decoder.name) {
                    let bytes = try Corpus.bytes(decoder.name, input.name)
                    let start = ContinuousClock.now
                    let growth = Memory.growth { _ = decoder.refusal(bytes) }
                    guard growth < 16 << 20, ContinuousClock.now - start < .seconds(5) else {
                        print("\(decoder.name)/\(input.name): \(growth >> 20) MiB")
                        exit(1)
                    }
                }
            }
        }
    }

    @Test(arguments: Bomb.all.map(\.name))
    func `a bomb is refused within its memory`(name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            guard let bomb = Bomb.all.first(where: { $0.name == name }),
                let decoder = Decoder.named(bomb.decoder)
            else { exit(2) }
            let bytes = bomb.bytes()
            var refused: (refusal: Refusal, message: String)?
            let start = ContinuousClock.now
            let growth = Memory.growth { refused = decoder.refusal(bytes) }
            let time = ContinuousClock.now - start
            print("\(bomb.decoder), \(name): \(growth >> 20) MiB in \(time)")
            print(refused?.message.prefix(300) ?? "no named error")
            guard refused?.refusal.code == bomb.code else { exit(3) }
            guard growth < bomb.mebibytesMax << 20 else { exit(4) }
            guard time < .seconds(60) else { exit(5) }
        }
    }
}
