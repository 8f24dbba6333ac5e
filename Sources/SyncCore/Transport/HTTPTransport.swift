import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Carries messages to a hub over HTTP.
///
/// Retrying is the session's business, not the transport's: one call is one request.
public struct HTTPTransport: SyncTransport {
    private let url: String
    private let timeout: TimeAmount
    private let bodyBytesMax: Int
    private let client: HTTPClient

    /// The process's clients by their number of connections, which are kept for the next exchange.
    ///
    /// A client tries a connection once and follows no redirect: when to try again is the session's
    /// choice, and a hub does not redirect, but the login page of a network does.
    private static let clients = Mutex<[Int: HTTPClient]>([:])

    private static func client(connectionsMax: Int) -> HTTPClient {
        clients.withLock { clients in
            if let client = clients[connectionsMax] { return client }
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: configuration
            )
            clients[connectionsMax] = client
            return client
        }
    }

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - url: the hub's address, for example `http://127.0.0.1:8787`; the path `/v1/sync` is added.
    ///   - timeoutSeconds: how long one exchange may take, the time included for which the hub holds it.
    ///   - connectionsMax: connections at once, for a process that plays many devices.
    ///
    /// - Throws: `TransportError` when the address is not one.
    public init(
        url: String,
        timeoutSeconds: Int64 = 60,
        connectionsMax: Int = 8
    ) throws(TransportError) {
        guard let parsed = URL(string: url), let scheme = parsed.scheme, parsed.host != nil,
            scheme == "http" || scheme == "https"
        else {
            throw TransportError(
                .refused,
                "'\(url)' is no hub address; write http://host:port or https://host:port"
            )
        }
        let path = parsed.path.hasSuffix("/") ? parsed.path.dropLast() : parsed.path[...]
        var components = URLComponents(url: parsed, resolvingAgainstBaseURL: false)
        components?.path = path + "/v1/sync"
        self.url = components?.string ?? url
        timeout = .seconds(timeoutSeconds)
        client = HTTPTransport.client(connectionsMax: max(connectionsMax, 1))
        bodyBytesMax = WireLimits.standard.bodyBytesMax
    }

    /// Sends a body and returns the hub's answer.
    public func exchange(_ body: [UInt8]) async throws(TransportError) -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/vnd.field-sync")
        request.body = .bytes(ByteBuffer(bytes: body))
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: timeout)
        } catch {
            throw HTTPTransport.failure(error)
        }
        guard response.status == .ok else { throw await refusal(response) }
        if let type = response.headers.first(name: "Content-Type"),
            !type.hasPrefix("application/vnd.field-sync")
        {
            throw TransportError(
                .notAHub,
                "\(url) answers with \(type), which no hub does; is this a login page of the network?"
            )
        }
        var bytes: [UInt8] = []
        do {
            for try await part in response.body {
                guard bytes.count + part.readableBytes <= bodyBytesMax else {
                    throw TransportError(.notAHub, "the answer is over \(bodyBytesMax) bytes")
                }
                bytes += part.readableBytesView
            }
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(
                .cut,
                "the answer broke off after \(bytes.count) bytes",
                received: bytes
            )
        }
        return bytes
    }

    private func refusal(_ response: HTTPClientResponse) async -> TransportError {
        let code = Int(response.status.code)
        switch code {
        case 429, 503:
            let seconds = response.headers.first(name: "Retry-After").flatMap { UInt64($0) } ?? 5
            return TransportError(
                .busy(milliseconds: min(seconds, 3_600) * 1_000),
                "the hub is busy (HTTP \(code))"
            )
        case 408: return TransportError(.timedOut, "the hub waited too long for the message")
        case 500...599: return TransportError(.unreachable, "the hub failed (HTTP \(code))")
        case 404, 301, 302, 307, 308:
            return TransportError(.notAHub, "\(url) is no hub (HTTP \(code)); check the address")
        default: return TransportError(.refused, "the hub refused the message (HTTP \(code))")
        }
    }

    private static func failure(_ error: any Error) -> TransportError {
        if let error = error as? HTTPClientError {
            switch error {
            case .deadlineExceeded, .readTimeout, .connectTimeout, .writeTimeout,
                .getConnectionFromPoolTimeout:
                return TransportError(.timedOut, "the hub did not answer in time")
            default: break
            }
        }
        return TransportError(.unreachable, "the hub cannot be reached (\(error))")
    }
}
