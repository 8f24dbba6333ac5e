public import Replication

/// What officers found at one place and time: the root of everything recorded about it.
///
/// A finding is not a case: it can lead to correction, a case, a transfer, or nothing. Whether the
/// water was closed and whether the vessel is a 三无 vessel are derived (M9) by `ClosedWaters` and
/// `ThreeNoVessel` and not stored. Parties, measurements, catch, gear, seized items and evidence
/// are records of their own that refer to it: each is one person's observation with its own author,
/// can be corrected or voided by itself, and two tellings never overwrite each other (M1, M10).
public struct Finding: Record, Hashable {
    /// A short name for lists.
    public var title = ""
    /// Where it stands.
    public var status = FindingStatus.recorded
    /// How urgent it is; higher is more.
    public var priority: Int64 = 0
    /// The gravest hazard anyone has seen, 0 to 4 (M4, case C12).
    public var hazardLevel: Int64 = 0
    /// Whether a crime is suspected.
    ///
    /// Once true it stays: transfer is a duty (行政处罚法 articles 27, 82; M4, case C11).
    public var suspectedCrime = false
    /// Why `CrimeScreen` raised the flag.
    public var crimeScreenReasons: Set<CrimeReason> = []
    /// The patrol it was made on.
    public var patrol: Reference<Patrol>?
    /// The key of the matter.
    ///
    /// Key, version and catalogue merge as one.
    public var matter = ""
    /// The `effectiveFrom` of the version of the matter under which it was recorded (case C24).
    public var matterVersion: CivilDate?
    /// The hash of the catalogue that the device had.
    public var catalogueVersion = ""
    /// The code of the town where the act took place.
    public var town = ""
    /// The key of the organ whose officers recorded it.
    public var organ = ""
    /// The key of the organ that leads; the first to file has jurisdiction (行政处罚法 article 25; M6,
    /// case C07).
    public var leadOrgan = ""
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
    /// The key of the water.
    public var water = ""
    /// The reach of the water, in words.
    public var reach = ""
    /// When the act was seen, by the device's clock.
    public var observedAt: WallTime?
    /// The satellite time of the same moment, where there was one.
    ///
    /// It merges with `observedAt`.
    public var gnssTime: WallTime?
    /// By when it must be put right: of deadlines set apart the earliest, until somebody decides
    /// (case C13).
    public var rectificationDeadline: WallTime?
    /// How fish were taken.
    public var method: FishingMethod?
    /// How many persons were there.
    public var personsCount: Int64?
    /// Whether a fishing licence was shown; nil when nobody asked.
    public var licenceSeen: Bool?
    /// Whether the vessel bears a name and number; nil when it was not seen.
    public var vesselHasName: Bool?
    /// Whether it has a port of registry.
    public var vesselHasPort: Bool?
    /// Whether it has its certificates.
    public var vesselHasCertificate: Bool?
    /// The vessel's certificate number.
    public var vesselCertificate = ""
    /// The weather.
    public var weather = ""
    /// The light.
    public var light = ""
    /// What was seen, at length.
    ///
    /// Edits of different places merge; of one place they are siblings.
    public var description = ""
    /// Free remarks; concurrent ones stand one after the other (case C04).
    public var remark = ""
    /// Labels for finding it again (M8).
    public var tags: Set<String> = []
    /// What it leads to.
    public var disposition: Disposition?
    /// The number of the officer who leads (M6).
    public var mainHandler = ""
    /// The numbers of all officers on it (M8).
    public var participants: Set<String> = []
    /// The keys of the organs that take part (M8).
    public var participantOrgans: Set<String> = []

    /// An empty record.
    public init() {}

    /// The numbers, names and policies of the fields.
    public static let mapping = RecordMapping<Finding>("finding", number: 13, isLegalFact: true) {
        $0.field(1, "title", \.title, .lastWriter, query: .searchable)
        $0.field(2, "status", \.status, .lastWriter, query: .indexed)
        $0.field(3, "priority", \.priority, .lastWriter, query: .indexed)
        $0.field(4, "hazardLevel", \.hazardLevel, .maximum, query: .indexed)
        $0.field(5, "suspectedCrime", \.suspectedCrime, .sticky, query: .indexed)
        $0.set(6, "crimeScreenReasons", \.crimeScreenReasons)
        $0.field(7, "patrol", \.patrol, .lastWriter, query: .indexed)
        $0.field(10, "matter", \.matter, .keepSiblings, query: .indexed)
        $0.field(11, "matterVersion", \.matterVersion, .keepSiblings, query: .column)
        $0.field(12, "catalogueVersion", \.catalogueVersion, .keepSiblings, query: .column)
        $0.field(20, "town", \.town, .keepSiblings, query: .indexed)
        $0.field(21, "organ", \.organ, .keepSiblings, query: .indexed)
        $0.field(22, "leadOrgan", \.leadOrgan, .claim, query: .indexed)
        $0.decimal(23, "latitude", \.latitude, scale: 7, .keepSiblings)
        $0.decimal(24, "longitude", \.longitude, scale: 7, .keepSiblings)
        $0.decimal(25, "accuracy", \.accuracy, scale: 2, .keepSiblings)
        $0.field(26, "datum", \.datum, .keepSiblings)
        $0.field(27, "water", \.water, .keepSiblings, query: .indexed)
        $0.field(28, "reach", \.reach, .keepSiblings, query: .searchable)
        $0.field(30, "observedAt", \.observedAt, .keepSiblings, query: .indexed)
        $0.field(31, "gnssTime", \.gnssTime, .keepSiblings)
        $0.field(32, "rectificationDeadline", \.rectificationDeadline, .keepLeast, query: .indexed)
        $0.field(40, "method", \.method, .keepSiblings, query: .indexed)
        $0.field(41, "personsCount", \.personsCount, .keepSiblings)
        $0.field(42, "licenceSeen", \.licenceSeen, .keepSiblings)
        $0.field(43, "vesselHasName", \.vesselHasName, .keepSiblings)
        $0.field(44, "vesselHasPort", \.vesselHasPort, .keepSiblings)
        $0.field(45, "vesselHasCertificate", \.vesselHasCertificate, .keepSiblings)
        $0.field(46, "vesselCertificate", \.vesselCertificate, .keepSiblings, query: .column)
        $0.field(47, "weather", \.weather, .lastWriter)
        $0.field(48, "light", \.light, .lastWriter)
        $0.field(50, "description", \.description, .text(.siblings), query: .searchable)
        $0.field(51, "remark", \.remark, .text(.concatenate), query: .searchable)
        $0.set(52, "tags", \.tags)
        $0.field(60, "disposition", \.disposition, .keepSiblings, query: .indexed)
        $0.field(61, "mainHandler", \.mainHandler, .claim, query: .indexed)
        $0.set(62, "participants", \.participants)
        $0.set(63, "participantOrgans", \.participantOrgans)
        $0.group(\.matter, \.matterVersion, \.catalogueVersion)
        $0.group(\.latitude, \.longitude, \.accuracy, \.datum)
        $0.group(\.observedAt, \.gnssTime)
        $0.scope(\.town, \.organ, \.leadOrgan)
        $0.place(latitude: \.latitude, longitude: \.longitude)
    }
}
