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
    public func handle(_ body: [UInt8]) -> [UInt8] { answer(body).bytes }

    /// Answers a message, and says whether the answer may wait until there is more to say.
    ///
    /// Blocks while the storage works.
    public func answer(_ body: [UInt8]) -> HubAnswer {
        metrics.requests.increment()
        metrics.bytesReceived.increment(by: body.count)
        let answer = answer(to: body)
        metrics.bytesSent.increment(by: answer.bytes.count)
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

    private func answer(to body: [UInt8]) -> HubAnswer {
        do {
            let transfer = try Transfer.upward(body, limits: limits)
            if case .message(let bytes) = transfer { return exchange(bytes) }
            return HubAnswer(bytes: answer(to: transfer))
        } catch {
            metrics.malformed.increment()
            return HubAnswer(bytes: refusal(code: 1, "\(error)"))
        }
    }

    private func answer(to transfer: Transfer) -> [UInt8] {
        switch transfer {
        case .message(let bytes): return exchange(bytes).bytes
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
    }

    private func part(_ digest: UInt64, total: Int, offset: Int, bytes: [UInt8]) -> [UInt8] {
        // A request from its beginning on is a question of now, even if the same bytes came before.
        let isWhole = offset == 0 && !bytes.isEmpty
        let (answer, upload) = transfers.withLock { cache -> ([UInt8]?, TransferCache.Upload) in
            if !isWhole, let answer = cache.answer(digest) { return (answer, .received(0)) }
            return (nil, cache.upload(digest, total: total, offset: offset, bytes: bytes))
        }
        if let answer { return answer }
        switch upload {
        case .received(let count): return Transfer.progress(offset: count).encoded
        case .complete(let request):
            guard Transfer.digest(of: request) == digest else {
                return refusal(code: 1, "the parts do not add up to the announced message")
            }
            return exchange(request, digest: digest).bytes
        }
    }

    private func exchange(_ bytes: [UInt8], digest: UInt64? = nil) -> HubAnswer {
        do {
            let answer = try respond(to: bytes)
            // A device that sent its request in parts asks for the answer by its digest.
            if answer.isDone, digest != nil || answer.bytes.count > TransferCache.answerBytesMin {
                let key = digest ?? Transfer.digest(of: bytes)
                transfers.withLock { $0.keep(answer.bytes, for: key) }
            }
            return HubAnswer(bytes: answer.bytes, hold: answer.hold)
        } catch {
            return HubAnswer(bytes: failure(error))
        }
    }

    /// What a device hears of an error.
    ///
    /// Busy is for what passes by itself; what does not is refused, so that nobody tries for ever.
    private func failure(_ error: any Error) -> [UInt8] {
        switch error {
        case let error as Malformed:
            metrics.malformed.increment()
            return refusal(code: 1, "\(error.error)")
        case let error as SyncError where error.code == .newEpoch:
            metrics.refused.increment()
            guard let response = try? proofOfLoss() else { return busy(5_000) }
            return response.encoded(dictionary: nil)
        case let error as SyncError:
            metrics.refused.increment()
            return refusal(code: 2, error.message)
        default: break
        }
        metrics.failures.increment()
        metrics.note("\(error)")
        switch (error as? StoreError)?.code {
        case .full: return busy(30_000)
        case .locked, .input: return busy(5_000)
        default: return refusal(code: 3, "the hub's storage has failed; tell its operator")
        }
    }

    // MARK: Epochs

    /// How often a device's word alone begins a new epoch, in ms: nobody has proved yet who they are.
    private static let renewalEvery: Int64 = 3_600_000

    /// A device has seen more of this epoch than the hub has.
    ///
    /// The hub was restored from an older copy, and lives a new epoch from now.
    private func proofOfLoss() throws -> SyncResponse {
        let now = environment.now()
        guard try storage.renewEpoch(now: now, unlessSince: now - Self.renewalEvery) else {
            return SyncResponse(status: .busy(milliseconds: UInt64(Self.renewalEvery) / 4))
        }
        metrics.epochs.increment()
        metrics.note(
            "a device has seen more than this hub has: it was restored from an older copy, and lives "
                + "the new epoch \(try storage.epoch)"
        )
        return try newEpoch()
    }

    private func newEpoch() throws -> SyncResponse {
        var response = SyncResponse(status: .newEpoch(try storage.epoch))
        response.news.births = try storage.births()
        return response
    }

    private func busy(_ milliseconds: UInt64) -> [UInt8] {
        SyncResponse(status: .busy(milliseconds: milliseconds)).encoded(dictionary: nil)
    }

    private func refusal(code: UInt64, _ message: String) -> [UInt8] {
        let text = String(message.prefix(400))
        return SyncResponse(status: .refused(code: code, message: text)).encoded(dictionary: nil)
    }

    /// Bytes of a device that cannot be read; the same error out of the storage means damage.
    private struct Malformed: Error {
        let error: WireError
    }

    // MARK: Exchange

    private struct Answer {
        let bytes: [UInt8]
        var isDone = false
        var hold: HubAnswer.Hold?

        init(
            _ response: SyncResponse,
            dictionary: CompressionDictionary? = nil,
            epoch: Epoch? = nil
        ) {
            bytes = response.encoded(dictionary: dictionary, epoch: epoch)
            isDone = response.status == .done
        }
    }

    private func respond(to bytes: [UInt8]) throws -> Answer {
        let request: SyncRequest
        let pushBytes: [UInt8]?
        do throws(WireError) {
            (request, pushBytes) = try SyncRequest.decode(
                bytes,
                dictionaries: dictionaries,
                limits: limits
            )
        } catch {
            throw Malformed(error: error)
        }
        var response = SyncResponse(status: .done)
        let epoch = try storage.epoch
        if let refusal = try refusal(of: request, in: epoch) { return Answer(refusal) }
        guard let replica = try caller(of: request, &response) else {
            return Answer(SyncResponse(status: .introduce))
        }
        var pushedFrom: UInt64?
        let pushed = try pushBytes.map { try push($0, in: epoch) }
        if let batch = pushed {
            // A push may hold peers' changes only, before own ones that wait.
            let own = batch.entries.first { $0.entry.dot.replica == replica.replica }
            pushedFrom = own?.entry.dot.counter ?? 1
            if let status = try append(batch, from: replica, request, &response) {
                return Answer(SyncResponse(status: status))
            }
        }
        if pushBytes == nil, !request.news.isEmpty {
            let nothing = Batch(isSequenced: false)
            if let status = try append(nothing, from: replica, request, &response) {
                return Answer(SyncResponse(status: status))
            }
        }
        // An exchange does not fail for it: an older note only makes a compaction wait.
        try? storage.note(
            HubContact(
                of: replica.replica,
                cursor: request.cursor,
                push: pushed,
                in: epoch,
                at: environment.now()
            )
        )
        try addPage(to: &response, for: replica, request, pushedFrom: pushedFrom)
        // A new epoch may have begun meanwhile: its numbers must not go out as the old one's.
        guard try storage.epoch == epoch else {
            return Answer(SyncResponse(status: .busy(milliseconds: 500)))
        }
        metrics.entriesSent.increment(by: response.entries.entries.count)
        let dictionary = dictionaries.first { $0.version == replica.dictionaryVersion }
        var answer = Answer(response, dictionary: dictionary, epoch: epoch)
        if let seconds = request.holdSeconds, request.pullBytesMax != 0, pushed == nil,
            response.isSilent
        {
            answer.hold = HubAnswer.Hold(
                seconds: seconds,
                interest: HubArrivals.Interest(of: replica),
                after: response.head
            )
        }
        return answer
    }

    /// What is wrong with where a newcomer says it stands; nothing was stored or registered yet.
    private func refusal(
        of request: SyncRequest,
        in epoch: Epoch
    ) throws -> SyncResponse? {
        #if FIELD_MUTANTS
        // A restored hub goes on as if it had always been so.
        if Mutant.isOn(.m12) { return nil }
        #endif
        // Of a registered replica the append and the page check the cursor.
        guard case .introduction(let introduction) = request.caller else { return nil }
        if let known = introduction.epoch, known != epoch { return try newEpoch() }
        let position = try storage.position(of: introduction.replica)
        if request.cursor > position.head { return try proofOfLoss() }
        // The hub had acknowledged what it has not: it was restored from an older copy, and has gone
        // on beyond this device's cursor before anybody noticed.
        if introduction.acknowledged > position.counter {
            return SyncResponse(status: .gap(expected: position.counter + 1))
        }
        return nil
    }

    /// Who asks; nil for a registration that is not known.
    private func caller(
        of request: SyncRequest,
        _ response: inout SyncResponse
    ) throws -> RegisteredReplica? {
        switch request.caller {
        case .registered(let number, let tag):
            return try storage.registered(number: number, tag: tag)
        case .introduction(let introduction):
            let tag = UInt32(truncatingIfNeeded: environment.random())
            let replica = try storage.register(introduction, tag: tag)
            response.registration = .init(
                number: replica.number,
                tag: replica.tag,
                epoch: try storage.epoch
            )
            return replica
        }
    }

    /// Reads a push.
    ///
    /// An error of the storage while a number is looked up is not the device's.
    private func push(_ bytes: [UInt8], in epoch: Epoch) throws -> Batch {
        try storage.resolving { record in
            var failure: (any Error)?
            do throws(WireError) {
                return try SyncRequest.decodePush(bytes, limits: limits, epoch: epoch) {
                    number in
                    do {
                        return try record(number)
                    } catch {
                        failure = failure ?? error
                        return nil
                    }
                }
            } catch {
                throw failure ?? Malformed(error: error)
            }
        }
    }

    /// Stores a push; a status ends the exchange.
    private func append(
        _ batch: Batch,
        from replica: RegisteredReplica,
        _ request: SyncRequest,
        _ response: inout SyncResponse
    ) throws -> SyncResponse.Status? {
        let outcome = try storage.append(
            batch,
            news: request.news,
            from: replica.replica,
            cursor: request.cursor,
            now: environment.now()
        )
        switch outcome {
        case .stored(let stored):
            metrics.changesStored.increment(by: stored.changes)
            metrics.changesRepeated.increment(by: stored.repeated)
            response.quarantined = stored.quarantined
            return nil
        case .gap(let expected): return .gap(expected: expected)
        case .fork(let counter):
            metrics.forks.increment()
            return .fork(counter: counter)
        case .ahead: throw SyncError(.newEpoch, "the device has seen more than the hub has")
        }
    }

    private func addPage(
        to response: inout SyncResponse,
        for replica: RegisteredReplica,
        _ request: SyncRequest,
        pushedFrom: UInt64?
    ) throws {
        let wanted = request.pullBytesMax.map { Int(clamping: $0) } ?? pageBytes
        let pull = HubPull(
            cursor: request.cursor,
            held: request.held,
            unplaced: request.unplaced,
            pushedFrom: pushedFrom,
            bytesMax: min(wanted, pageBytes)
        )
        let page: HubPage
        if case .introduction(let introduction) = request.caller,
            let transition = introduction.transition
        {
            page = try storage.transitionPage(for: replica, transition, pull)
        } else {
            page = try storage.page(for: replica, pull)
        }
        response.through = page.through
        // A device that asked for nothing is not told to come back for more.
        response.head = wanted == 0 ? page.through : page.head
        response.receipts = page.receipts
        response.leaves = page.leaves
        response.entries = page.entries
        response.transitionThrough = page.transitionThrough
        response.news = page.news
        if response.registration != nil, response.news.births.isEmpty {
            let births = try storage.births()
            if births.count > 1 { response.news.births = births }
        }
    }
}
