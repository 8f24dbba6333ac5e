import Foundation
import Synchronization

/// A proxy between devices and the hub that does to messages what bad links do, by a seed.
///
/// It knows as much of HTTP as it needs to take one request and one answer at a time, so that it
/// can repeat a request and cut at any byte of either.
final class LossyProxy: Sendable {
    /// What becomes of one request.
    enum Fault: String, CaseIterable, Sendable {
        case loseRequest, cutRequest, loseAnswer, cutAnswer, delay, repeatNow, repeatLater
    }

    /// Where devices connect to.
    let port: UInt16
    private let listener: Socket
    private let hub: UInt16
    private let seed: UInt64
    private let state = Mutex(State())

    private struct State {
        var connections: UInt64 = 0
        var isHealed = false
        var requests = 0
        var faults: [Fault: Int] = [:]
    }

    init(hub: UInt16, seed: UInt64) throws {
        (listener, port) = try Socket.listening()
        self.hub = hub
        self.seed = seed
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// From now on every message passes.
    func heal() { state.withLock { $0.isHealed = true } }

    /// How many requests came, and how many met which fault.
    var counts: (requests: Int, faults: [Fault: Int]) {
        state.withLock { ($0.requests, $0.faults) }
    }

    private func acceptAll() {
        while let device = listener.accepted() {
            let number = state.withLock {
                $0.connections += 1
                return $0.connections
            }
            let dice = Dice(seed: seed, 0xBAD, number)
            Thread.detachNewThread { [self] in
                carry(device, dice)
                device.shut()
            }
        }
    }

    /// Carries one connection's requests until one side ends it, or a fault does.
    private func carry(_ device: Socket, _ dice: Dice) {
        var dice = dice
        var incoming = MessageReader(device)
        guard let upstream = try? Socket.connected(to: hub) else { return }
        defer { upstream.shut() }
        var outgoing = MessageReader(upstream)
        while let request = incoming.next() {
            let fault = draw(&dice)
            switch fault {
            case .loseRequest: return
            case .cutRequest:
                upstream.write(request.prefix(dice.below(request.count)))
                return
            case .delay: usleep(UInt32(dice.below(250)) * 1_000)
            case .repeatNow: send(request, onceMoreAfter: 0)
            case .repeatLater: send(request, onceMoreAfter: dice.below(2_000))
            case .loseAnswer, .cutAnswer, nil: break
            }
            guard upstream.write(request), let answer = outgoing.next() else { return }
            switch fault {
            case .loseAnswer: return
            case .cutAnswer:
                device.write(answer.prefix(dice.below(answer.count)))
                return
            default: guard device.write(answer) else { return }
            }
        }
    }

    private func draw(_ dice: inout Dice) -> Fault? {
        state.withLock { state in
            state.requests += 1
            guard !state.isHealed, dice.chance(35) else { return nil }
            let fault = dice.pick(Fault.allCases)
            state.faults[fault, default: 0] += 1
            return fault
        }
    }

    /// A copy of a request comes to the hub on a way of its own; nobody waits for its answer.
    private func send(_ request: [UInt8], onceMoreAfter milliseconds: Int) {
        Thread.detachNewThread { [hub] in
            usleep(UInt32(milliseconds) * 1_000)
            guard let way = try? Socket.connected(to: hub) else { return }
            way.write(request)
            var answer = MessageReader(way)
            _ = answer.next()
            way.shut()
        }
    }
}

/// Reads one HTTP message after the other.
struct MessageReader {
    private let socket: Socket
    private var buffer: [UInt8] = []

    init(_ socket: Socket) { self.socket = socket }

    /// The next whole message, head and body; nil at the end, also in the middle of one.
    mutating func next() -> [UInt8]? {
        while true {
            if let length = MessageReader.length(of: buffer), buffer.count >= length {
                let message = Array(buffer.prefix(length))
                buffer.removeFirst(length)
                return message
            }
            let bytes = socket.read()
            guard !bytes.isEmpty else { return nil }
            buffer += bytes
        }
    }

    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let chunksEnd = Array("\r\n0\r\n\r\n".utf8)

    /// How many bytes the message at the start has; nil while that cannot be told.
    private static func length(of buffer: [UInt8]) -> Int? {
        guard let end = index(of: headEnd, in: buffer) else { return nil }
        let head = String(decoding: buffer[..<end], as: UTF8.self).lowercased()
        let body = end + headEnd.count
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
                .map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
            guard parts.count == 2 else { continue }
            if parts[0] == "content-length" { return Int(parts[1]).map { body + $0 } }
            if parts[0] == "transfer-encoding", parts[1].hasSuffix("chunked") {
                // The end of the head may be the line end before an empty last chunk.
                return index(of: chunksEnd, in: Array(buffer[(body - 2)...]))
                    .map { body - 2 + $0 + chunksEnd.count }
            }
        }
        return body
    }

    private static func index(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return (0...bytes.count - pattern.count)
            .first {
                bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
            }
    }
}
