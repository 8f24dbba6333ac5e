import Synchronization

/// Lets one thread at a time use a value that is not `Sendable`.
///
/// `Mutex` would ask for every closure to be sendable; here closures of the caller run inside, on the
/// caller's own thread, with a database connection that must not leave it.
package final class Serialized<Value>: @unchecked Sendable {
    // @unchecked: `value` is reached only through `withLock`, which one thread holds at a time, and
    // the closures hand nothing out that refers to it.
    private let value: Value
    private let lock = Mutex<Void>(())

    package init(_ value: Value) {
        self.value = value
    }

    package func withLock<Result>(_ body: (Value) throws -> Result) rethrows -> Result {
        try withoutActuallyEscaping(body) { body in
            let call = UncheckedCall(value: value, body: body)
            return
                try lock.withLock { _ in
                    UncheckedTransfer(value: try call.body(call.value))
                }
                .value
        }
    }
}

/// Carries a call into the lock: it runs there at once, on the same thread.
private struct UncheckedCall<Value, Result>: @unchecked Sendable {
    let value: Value
    let body: (Value) throws -> Result
}

/// Carries a result out of the lock: it was made on the same thread, so nothing is shared by it.
private struct UncheckedTransfer<Value>: @unchecked Sendable {
    let value: Value
}
