/// Carries one message to a hub and one back.
public protocol SyncTransport: Sendable {
    /// Sends a body and returns the hub's answer.
    ///
    /// - Throws: `TransportError`, with whatever part of the answer arrived before it was cut.
    func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8]
}

/// Why a message did not come through.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    public enum Code: Hashable, Sendable {
        /// Nobody answers at that address, or the connection broke before an answer.
        case unreachable
        /// The answer did not come in time.
        case timedOut
        /// The answer broke off.
        case cut
        /// What answered is no hub: a captive portal, a proxy, another program.
        case notAHub
        /// The hub has too much to do.
        case busy(milliseconds: UInt64)
        /// The hub refused the message.
        case refused
    }

    /// What happened.
    public let code: Code
    /// What was found and what would be right.
    public let message: String
    /// The part of the answer that arrived.
    public let received: [UInt8]

    /// Makes an error.
    public init(_ code: Code, _ message: String, received: [UInt8] = []) {
        self.code = code
        self.message = message
        self.received = received
    }

    /// The message.
    public var description: String { message }

    /// Whether trying again may help.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .timedOut, .cut, .busy: true
        case .notAHub, .refused: false
        }
    }
}
