/// The arguments of this run, as they were typed.
enum CommandArguments {
    /// The arguments, where all of them are UTF-8; others would be recorded with U+FFFD in them.
    static func checked() throws -> [String] {
        let count = Int(CommandLine.argc)
        for position in 1..<max(count, 1) {
            guard let bytes = CommandLine.unsafeArgv[position],
                String(validatingCString: bytes) == nil
            else { continue }
            throw Failure(.usage, Messages.argumentNotUTF8(position))
        }
        return Array(CommandLine.arguments.dropFirst())
    }
}
