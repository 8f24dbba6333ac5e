import NIOCore
import Synchronization

/// Ends what a connection waits for when the other side goes away: a device that records something
/// drops its held request and comes back.
///
/// A connection lives long and holds one request after the other, so each is listened to once.
final class HeldConnections: Sendable {
    private let tickets = Mutex<[ObjectIdentifier: ArrivalTicket?]>([:])

    /// The connection waits for this ticket from now on.
    func hold(_ ticket: ArrivalTicket, on channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isNew = tickets.withLock { $0.updateValue(ticket, forKey: key) == nil }
        guard isNew else { return }
        channel.closeFuture.whenComplete { _ in
            let ticket = self.tickets.withLock { $0.removeValue(forKey: key) }
            ticket??.end(isArrival: false)
        }
        // A server's connection stays half open until it has answered: that nobody listens any more
        // is an event on it before it is its end.
        channel.eventLoop.execute {
            let handler = PartingHandler { self.end(key) }
            try? channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }
    }

    /// The connection waits for nothing any more.
    func release(_ channel: any Channel) {
        tickets.withLock { tickets in
            let key = ObjectIdentifier(channel)
            if tickets[key] != nil { tickets[key] = .some(nil) }
        }
    }

    private func end(_ key: ObjectIdentifier) {
        let ticket = tickets.withLock { $0[key] }
        ticket??.end(isArrival: false)
    }
}

/// Tells when the other side of a connection will send nothing more.
private final class PartingHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let onParting: () -> Void

    init(onParting: @escaping () -> Void) { self.onParting = onParting }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { onParting() }
        context.fireUserInboundEventTriggered(event)
    }
}
