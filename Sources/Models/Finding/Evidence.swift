public import Replication

/// What is known of one piece of evidence; its bytes travel beside the records.
///
/// The bytes are named by their digest; digest, length and media type merge as one. A correction of
/// the other fields is a new write that leaves the old one in the log (行政处罚法 article 46). No device
/// can void it (M10): whether it counts is for the case to decide.
public struct Evidence: Record, Hashable {
    /// The finding, which decides who receives this record.
    public var finding: Reference<Finding>?
    /// Which of the eight kinds it is.
    public var kind: EvidenceKind?
    /// The SHA-256 of the bytes: 32 bytes.
    public var sha256: [UInt8] = []
    /// How many bytes.
    public var byteCount: Int64 = 0
    /// The media type: image/jpeg.
    public var mediaType = ""
    /// The name it had on the device.
    public var fileName = ""
    /// When, by the device's clock.
    public var capturedAt: WallTime?
    /// The satellite time of the same moment.
    ///
    /// It merges with `capturedAt`.
    public var gnssTime: WallTime?
    /// The device that made it.
    public var device = ""
    /// Degrees north, seven digits after the point.
    public var latitude: ScaledDecimal?
    /// Degrees east, seven digits after the point.
    public var longitude: ScaledDecimal?
    /// The radius of uncertainty in metres, two digits after the point.
    public var accuracy: ScaledDecimal?
    /// The datum that the receiver used.
    ///
    /// What is compared with boundaries is WGS-84.
    public var datum: GeodeticDatum?
    /// The numbers of the two officers who took it (行政处罚法 article 42).
    public var officers: Set<String> = []
    /// What it shows.
    public var caption = ""
    /// Who had it and when, by an id of the handover (M1).
    public var custody: [String: String] = [:]

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Evidence>(
        "evidence",
        number: 17,
        isLegalFact: true,
        isVoidable: false
    ) {
        $0.field(1, "finding", \.finding, .keepSiblings, query: .indexed)
        $0.field(2, "kind", \.kind, .keepSiblings, query: .indexed)
        $0.field(10, "sha256", \.sha256, .keepSiblings, query: .indexed)
        $0.field(11, "byteCount", \.byteCount, .keepSiblings, query: .column)
        $0.field(12, "mediaType", \.mediaType, .keepSiblings, query: .column)
        $0.field(13, "fileName", \.fileName, .keepSiblings, query: .searchable)
        $0.field(20, "capturedAt", \.capturedAt, .keepSiblings, query: .indexed)
        $0.field(21, "gnssTime", \.gnssTime, .keepSiblings)
        $0.field(22, "device", \.device, .keepSiblings, query: .column)
        $0.decimal(23, "latitude", \.latitude, scale: 7, .keepSiblings)
        $0.decimal(24, "longitude", \.longitude, scale: 7, .keepSiblings)
        $0.decimal(25, "accuracy", \.accuracy, scale: 2, .keepSiblings)
        $0.field(26, "datum", \.datum, .keepSiblings)
        $0.set(30, "officers", \.officers)
        $0.field(31, "caption", \.caption, .text(.siblings), query: .searchable)
        $0.entries(32, "custody", \.custody)
        $0.group(\.sha256, \.byteCount, \.mediaType)
        $0.group(\.capturedAt, \.gnssTime)
        $0.group(\.latitude, \.longitude, \.accuracy, \.datum)
        $0.scope(of: \.finding)
        $0.place(latitude: \.latitude, longitude: \.longitude)
    }
}
