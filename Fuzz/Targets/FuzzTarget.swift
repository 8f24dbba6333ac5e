import Foundation

/// One decoder, or a part of the product that takes bytes which somebody else made.
struct FuzzTarget: Sendable {
    /// What `make fuzz TARGET=` calls it.
    let name: String
    /// What it reads, in a line.
    let subject: String
    /// Folders and files whose content it starts from, relative to the repository.
    let seeds: [String]
    /// Whether an error is one that callers of this decoder can name.
    let names: @Sendable (any Error) -> Bool
    /// Reads the bytes; throws what the decoder throws, and `Broken` where a law does not hold.
    let read: @Sendable ([UInt8]) throws -> Void

    static let all: [FuzzTarget] =
        wire + texts + files + stores + storeFiles

    /// Reads the bytes; an error without a name ends the process, so that the fuzzer keeps them.
    func take(_ bytes: [UInt8]) {
        do {
            try read(bytes)
        } catch {
            guard !names(error) else { return }
            // Optimised code keeps a failed precondition's message to itself.
            let message = "\(name): \(type(of: error)): \(error)\n"
            FileHandle.standardError.write(Data(message.utf8))
            preconditionFailure("an error without a name, or a broken law")
        }
    }
}

/// A law that the bytes broke.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Throws where a law does not hold.
func hold(_ isHeld: Bool, _ law: @autoclosure () -> String) throws {
    if !isHeld { throw Broken(law()) }
}
