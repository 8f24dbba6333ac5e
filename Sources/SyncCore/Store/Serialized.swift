import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Lets one thread at a time use a value that is not `Sendable`.
///
/// A thread that has it and asks again would wait for itself for ever: it traps and says so.
///
/// `Mutex` would ask for every closure to be sendable; here closures of the caller run inside, on the
/// caller's own thread, with a database connection that must not leave it.
package final class Serialized<Value>: @unchecked Sendable {
    // @unchecked: `value` is reached only through `withLock`, which one thread holds at a time, and
    // the closures hand nothing out that refers to it.
    private let value: Value
    private let lock = Mutex<Void>(())
    /// The thread that has the value; 0 for none.
    private let owner = Atomic<UInt>(0)

    package init(_ value: Value) {
        self.value = value
    }

    package func withLock<Result>(_ body: (Value) throws -> Result) rethrows -> Result {
        let thread = Serialized.currentThread
        // Only this thread ever stores its own number, so it sees what it stored.
        if owner.load(ordering: .relaxed) == thread {
            misuse(
                "a replica was called from inside the body of its own write, read or writeAll; "
                    + "use the transaction or reading that the body was given"
            )
        }
        return try withoutActuallyEscaping(body) { body in
            let call = UncheckedCall(value: value, body: body)
            return
                try lock.withLock { _ in
                    owner.store(thread, ordering: .relaxed)
                    defer { owner.store(0, ordering: .relaxed) }
                    return UncheckedTransfer(value: try call.body(call.value))
                }
                .value
        }
    }

    private static var currentThread: UInt {
        #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
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
