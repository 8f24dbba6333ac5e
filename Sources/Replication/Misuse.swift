/// Ends the process because its own code is wrong, never because of what it was given: with a sentence
/// that says so, also in optimised builds, where `preconditionFailure` prints none.
package func misuse(
    _ sentence: String,
    file: StaticString = #file,
    line: UInt = #line
) -> Never {
    fatalError(sentence, file: file, line: line)
}
