import SyncCore

/// What the hub says to a message, and whether saying it may wait.
public struct HubAnswer: Hashable, Sendable {
    /// An answer that says nothing, to a device that would rather wait.
    public struct Hold: Hashable, Sendable {
        /// How long the device waits, in seconds.
        public var seconds: UInt64
        /// What it waits for.
        public var interest: HubArrivals.Interest
        /// The sequence up to which the answer was made.
        public var after: UInt64
    }

    /// The answer's bytes.
    public var bytes: [UInt8]
    /// Nil for an answer that is given at once.
    public var hold: Hold?

    init(bytes: [UInt8], hold: Hold? = nil) {
        self.bytes = bytes
        self.hold = hold
    }
}

extension SyncResponse {
    /// Whether a device that is up to date learns nothing from it.
    var isSilent: Bool {
        status == .done && registration == nil && head == through && transitionThrough == nil
            && receipts.isEmpty && leaves.isEmpty && entries.entries.isEmpty && quarantined.isEmpty
            && news.isEmpty
    }
}
