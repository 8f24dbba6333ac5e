public import SyncCore
import Synchronization

/// The hub's part of the protocol: a message in, a message out.
///
/// It is not tied to HTTP: the server, the simulator and the tests call the same function. It parses
/// and compresses outside the storage's writer, and keeps nothing of a device between messages but
/// recent answers and unfinished uploads within a byte limit.
public final class MergeService: Sendable {
    private let storage: any HubStorage
    private let dictionaries: [CompressionDictionary]
    private let environment: CoreEnvironment
    private let limits: WireLimits
    private let transfers: Mutex<TransferCache>
    /// What has happened since the start.
    public let metrics = HubMetrics()
    /// About how many bytes of entries a page holds, before compression.
    private let pageBytes: Int

    /// Makes a service.
    ///
    /// - `dictionaries`: the preset dictionaries that this hub knows; a device gets the one it named.
    /// - `pageBytes`: about how many bytes of entries a response holds, before compression.
    /// - `transferBytesMax`: memory for recent answers and unfinished uploads.
    public init(
        storage: any HubStorage,
        dictionaries: [CompressionDictionary] = [],
        environment: CoreEnvironment = .system,
        limits: WireLimits = .standard,
        pageBytes: Int = 1 << 20,
        transferBytesMax: Int = 32 << 20
    ) {
        self.storage = storage
        self.dictionaries = dictionaries
        self.environment = environment
        self.limits = limits
        self.pageBytes = pageBytes
        transfers = Mutex(TransferCache(bytesMax: transferBytesMax))
    }

    /// Answers a message.
    ///
    /// Blocks while the storage works.
    ///
    /// - Returns: the answer; a message that cannot be read gets one that says why.
    public func handle(_ body: [UInt8]) -> [UInt8] {
        metrics.requests.increment()
        metrics.bytesReceived.increment(by: body.count)
        let answer = answer(to: body)
        metrics.bytesSent.increment(by: answer.count)
        return answer
    }

    /// Keeps what arrived of a message that was cut on its way, so that the device need not send it
    /// again.
    ///
    /// Small messages are not worth keeping.
    public func receivedPart(of body: [UInt8]) {
        guard
            case .part(let digest, let total, let offset, let bytes)? =
                try? Transfer.upward(body, limits: limits), !bytes.isEmpty
        else { return }
        transfers.withLock { _ = $0.upload(digest, total: total, offset: offset, bytes: bytes) }
    }

    private func answer(to body: [UInt8]) -> [UInt8] {
        do {
            switch try Transfer.upward(body, limits: limits) {
            case .message(let bytes): return exchange(bytes)
            case .resume(let digest, let offset):
                let answer = transfers.withLock { $0.answer(digest) }
                let rest = answer.flatMap { Transfer.Rest(of: $0, from: offset) }
                if rest != nil { metrics.resumedBodies.increment() }
                return Transfer.rest(rest).encoded
            case .part(let digest, let total, let offset, let bytes):
                return part(digest, total: total, offset: offset, bytes: bytes)
            case .rest, .progress:
                return refusal(code: 1, "this is a hub's message")
            }
        } catch {
            metrics.malformed.increment()
            return refusal(code: 1, "\(error)")
        }
    }

    private func part(_ digest: UInt64, total: Int, offset: Int, bytes: [UInt8]) -> [UInt8] {
        let (answer, upload) = transfers.withLock { cache -> ([UInt8]?, TransferCache.Upload) in
            if let answer = cache.answer(digest) { return (answer, .received(0)) }
            return (nil, cache.upload(digest, total: total, offset: offset, bytes: bytes))
        }
        if let answer { return answer }
        switch upload {
        case .received(let count): return Transfer.progress(offset: count).encoded
        case .complete(let request):
            guard Transfer.digest(of: request) == digest else {
                return refusal(code: 1, "the parts do not add up to the announced message")
            }
            return exchange(request, digest: digest)
        }
    }

    private func exchange(_ bytes: [UInt8], digest: UInt64? = nil) -> [UInt8] {
        let answer: [UInt8]
        do {
            answer = try respond(to: bytes)
        } catch let error as WireError {
            metrics.malformed.increment()
            return refusal(code: 1, "\(error)")
        } catch let error as SyncError {
            metrics.refused.increment()
            return refusal(code: 2, error.message)
        } catch let error as StoreError where error.code == .full {
            metrics.failures.increment()
            return SyncResponse(status: .busy(milliseconds: 30_000)).encoded(dictionary: nil)
        } catch {
            metrics.failures.increment()
            metrics.note("\(error)")
            return SyncResponse(status: .busy(milliseconds: 5_000)).encoded(dictionary: nil)
        }
        if answer.count > TransferCache.answerBytesMin {
            let key = digest ?? Transfer.digest(of: bytes)
            transfers.withLock { $0.keep(answer, for: key) }
        }
        return answer
    }

    private func refusal(code: UInt64, _ message: String) -> [UInt8] {
        let text = String(message.prefix(400))
        return SyncResponse(status: .refused(code: code, message: text)).encoded(dictionary: nil)
    }

    // MARK: Exchange

    private func respond(to bytes: [UInt8]) throws -> [UInt8] {
        let (request, pushBytes) = try SyncRequest.decode(
            bytes,
            dictionaries: dictionaries,
            limits: limits
        )
        let epoch = try storage.epoch
        let replica: RegisteredReplica
        var response = SyncResponse(status: .done)
        switch request.caller {
        case .registered(let number, let tag):
            guard let known = try storage.registered(number: number, tag: tag) else {
                return SyncResponse(status: .introduce).encoded(dictionary: nil)
            }
            replica = known
        case .introduction(let introduction):
            if let known = introduction.epoch, known != epoch {
                return SyncResponse(status: .newEpoch(epoch)).encoded(dictionary: nil)
            }
            let tag = UInt32(truncatingIfNeeded: environment.random())
            replica = try storage.register(introduction, tag: tag)
            response.registration = .init(number: replica.number, tag: replica.tag, epoch: epoch)
        }
        if let pushBytes {
            let batch = try SyncRequest.decodePush(
                pushBytes,
                limits: limits,
                resolve: { try? self.storage.record(number: $0) }
            )
            let outcome = try storage.append(batch, from: replica.replica, now: environment.now())
            switch outcome {
            case .stored(let stored):
                metrics.changesStored.increment(by: stored.changes)
                metrics.changesRepeated.increment(by: stored.repeated)
                response.quarantined = stored.quarantined
            case .gap(let expected):
                return SyncResponse(status: .gap(expected: expected)).encoded(dictionary: nil)
            case .fork(let counter):
                metrics.forks.increment()
                return SyncResponse(status: .fork(counter: counter)).encoded(dictionary: nil)
            }
        }
        try addPage(to: &response, for: replica, request)
        metrics.entriesSent.increment(by: response.entries.entries.count)
        let dictionary = dictionaries.first { $0.version == replica.dictionaryVersion }
        return response.encoded(dictionary: dictionary)
    }

    private func addPage(
        to response: inout SyncResponse,
        for replica: RegisteredReplica,
        _ request: SyncRequest
    ) throws {
        let wanted = request.pullBytesMax.map { Int(clamping: $0) } ?? pageBytes
        let bytesMax = min(wanted, pageBytes)
        let page: HubPage
        if case .introduction(let introduction) = request.caller,
            let transition = introduction.transition
        {
            page = try storage.transitionPage(
                for: replica,
                cursor: request.cursor,
                transition: transition,
                bytesMax: bytesMax
            )
        } else {
            page = try storage.page(
                for: replica,
                cursor: request.cursor,
                held: request.held,
                bytesMax: bytesMax
            )
        }
        response.through = page.through
        // A device that asked for nothing is not told to come back for more.
        response.head = wanted == 0 ? page.through : page.head
        response.receipts = page.receipts
        response.leaves = page.leaves
        response.entries = page.entries
        response.transitionThrough = page.transitionThrough
    }
}
