import NIOCore
import Synchronization

/// Ends what a connection waits for when the other side goes away: a device that records something
/// drops its held request and comes back.
///
/// A connection lives long and holds one request after the other, so each is listened to once.
final class HeldConnections: Sendable {
    private let tickets = Mutex<[ObjectIdentifier: NewsTicket?]>([:])

    /// The connection waits for this ticket from now on.
    func hold(_ ticket: NewsTicket, on channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isNew = tickets.withLock { $0.updateValue(ticket, forKey: key) == nil }
        guard isNew else { return }
        channel.closeFuture.whenComplete { _ in
            let ticket = self.tickets.withLock { $0.removeValue(forKey: key) }
            ticket??.end(isNews: false)
        }
    }

    /// The connection waits for nothing any more.
    func release(_ channel: any Channel) {
        tickets.withLock { tickets in
            let key = ObjectIdentifier(channel)
            if tickets[key] != nil { tickets[key] = .some(nil) }
        }
    }
}
