import CLibFuzzer
import Foundation

/// Feeds one decoder with bytes that libFuzzer makes: `fuzz TARGET [options of libFuzzer]`.
///
/// `fuzz list` prints each target's name and what it reads; `fuzz seeds TARGET` where its seeds are.
@main
enum Fuzz {
    /// The target of this run; libFuzzer's callback can hold nothing.
    private static let target = FuzzTarget.all.first {
        $0.name == CommandLine.arguments.dropFirst().first
    }

    static func main() {
        let words = CommandLine.arguments
        if words.count == 2, words[1] == "list" {
            for target in FuzzTarget.all { print(target.name + "\t" + target.subject) }
            return
        }
        if words.count == 3, words[1] == "seeds",
            let target = FuzzTarget.all.first(where: { $0.name == words[2] })
        {
            for seed in target.seeds { print(seed) }
            return
        }
        guard target != nil else {
            print(
                "usage: fuzz TARGET, one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))"
            )
            exit(64)
        }
        var arguments = ([words[0]] + words.dropFirst(2)).map { strdup($0) }
        var count = Int32(arguments.count)
        let status = arguments.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &start) { data, size in
                let bytes = data.map { Array(UnsafeBufferPointer(start: $0, count: size)) }
                Fuzz.target?.take(bytes ?? [])
                return 0
            }
        }
        exit(status)
    }
}
