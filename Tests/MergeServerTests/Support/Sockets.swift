import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A connection by hand, to say what no well-behaved client says.
final class RawConnection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = try Socket.make()
        var address = Socket.loopback(port: port)
        let status = Socket.withAddress(&address) { connect(descriptor, $0, $1) }
        guard status == 0 else { throw Socket.Failure(call: "connect", code: errno) }
    }

    init(accepted descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...]
                .withUnsafeBytes {
                    write(descriptor, $0.baseAddress, $0.count)
                }
            guard count > 0 else { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// What comes next; empty at the end.
    func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }

    /// Everything up to the end of the connection.
    func receiveAll() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let next = receive()
            if next.isEmpty { return all }
            all += next
        }
    }

    /// Off the cooperative threads: the call blocks.
    func answer(to text: String) async -> String {
        await Socket.blocking {
            self.send(text)
            return String(decoding: self.receiveAll(), as: UTF8.self)
        }
    }
}

/// A server that gives one prepared answer to everyone, or none at all.
final class CannedServer: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - `answer`: the bytes of the whole answer, head included; nil to stay silent.
    init(answer: String?) throws {
        let listener = try Socket.make()
        var address = Socket.loopback(port: 0)
        guard Socket.withAddress(&address, { bind(listener, $0, $1) }) == 0,
            listen(listener, 8) == 0
        else { throw Socket.Failure(call: "listen", code: errno) }
        descriptor = listener
        port = Socket.port(of: listener)
        DispatchQueue.global()
            .async {
                var silent: [RawConnection] = []
                while true {
                    let accepted = accept(listener, nil, nil)
                    guard accepted >= 0 else { return }
                    let connection = RawConnection(accepted: accepted)
                    guard let answer else {
                        silent.append(connection)
                        continue
                    }
                    _ = connection.receive()
                    connection.send(answer)
                }
            }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    var url: String { "http://127.0.0.1:\(port)" }
}

enum Socket {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    static func make() throws -> Int32 {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        return descriptor
    }

    static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    static func withAddress<Result>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withAddress(&address) { pointer, _ in getsockname(descriptor, pointer, &length) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Runs what blocks on a thread of its own.
    static func blocking<Result: Sendable>(
        _ body: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
