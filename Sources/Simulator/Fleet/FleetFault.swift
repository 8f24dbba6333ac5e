import Interchange

/// What can go wrong in a simulated fleet.
public enum FleetFault: String, CaseIterable, Hashable, Sendable {
    /// A request does not arrive.
    case loseRequest
    /// The hub has answered, and the answer does not arrive.
    case loseResponse
    /// A request ends at some byte.
    case cutRequest
    /// An answer ends at some byte.
    case cutResponse
    /// A request arrives twice.
    case duplicate
    /// A request arrives a second time days later.
    case lateDuplicate
    /// A message takes up to half a minute longer, so that others overtake it.
    case delay
    /// A captive portal answers with a page of its own.
    case portal
    /// A bit is flipped under TLS: the connection breaks.
    case flip

    /// A process ends between two steps.
    case kill
    /// A process ends with its files as they stand in mid-life.
    case crash
    /// A device sleeps for seconds to weeks.
    case pause
    /// A second process tries the store.
    case doubleStart
    /// A clock is set anew, up to fifty years off.
    case clock
    /// A device is restored from an old copy.
    case restore
    /// A copy of one device's store goes on on another device, and both write.
    case clone
    /// A device is lost for ever.
    case lose
    /// A device is away for long.
    case absence
    /// A device changes the towns that it subscribes to.
    case subscribe
    /// A device changes its towns while changes of its own wait.
    case earlySubscribe
    /// A record moves to another town.
    case move
    /// A record that is not in a device's scopes is begun there anew, by its name.
    case recreate
    /// Messages of one device are lost, in one or both directions.
    case partition
    /// Messages of one device are held and come all at once.
    case clog
    /// The hub ends and starts again.
    case hubRestart
    /// The hub ends with its files as they stand in mid-life.
    case hubCrash
    /// Devices meet without a hub.
    case meet
    /// They do so although stores of the fleet are restored or cloned.
    case meetClone
    /// The hub closes and collects what was deleted.
    case compact
    /// An operator retires whoever has been silent the longest.
    case retire

    /// A disk fails; where this is on, machines that stop forget what was not synced.
    case diskFault
    /// Some devices run the version before, and versions change in mid-run.
    case oldProgram
    /// Clients that are no devices of the fleet try the hub.
    case stranger
    /// Texts and names that look the same and are not.
    case twins
    /// The hub runs the version before for a while.
    case oldHub
    /// An operator gives a device towns that are not its, and takes them back.
    case wrongGrant
    /// An operator moves all findings of a town to another.
    case townMerge

    /// Whether it strikes single messages; the rate is in thousandths of them, else of the events.
    var isOfMessage: Bool {
        switch self {
        case .loseRequest, .loseResponse, .cutRequest, .cutResponse, .duplicate, .lateDuplicate,
            .delay, .portal, .flip:
            true
        default: false
        }
    }

    /// Whether the engine is known not to stand it yet; `docs/simulation.md` lists these.
    public var isOpen: Bool {
        self == .meetClone
    }

    /// The highest rate that a seed draws, in thousandths.
    var rateMax: Int {
        switch self {
        case .loseRequest, .loseResponse, .delay: 300
        case .duplicate: 400
        case .cutRequest, .cutResponse: 200
        case .lateDuplicate, .portal, .flip: 60
        case .kill, .crash, .meet, .meetClone, .move, .recreate: 60
        case .diskFault, .stranger, .oldProgram, .twins, .oldHub, .wrongGrant: 60
        case .clock, .pause, .partition, .clog, .doubleStart: 25
        case .restore, .clone, .subscribe, .earlySubscribe, .hubRestart, .hubCrash, .retire: 15
        case .townMerge: 15
        case .compact: 150
        case .lose, .absence: 5
        }
    }
}

/// How often each fault strikes.
public struct FleetRates: Hashable, Sendable {
    private var thousandths: [Int]

    /// Nothing goes wrong.
    public static let none = FleetRates()

    /// Makes rates of nothing.
    public init() { thousandths = FleetFault.allCases.map { _ in 0 } }

    /// The rate of a fault, in thousandths.
    public subscript(fault: FleetFault) -> Int {
        get { thousandths[FleetRates.index(fault)] }
        set { thousandths[FleetRates.index(fault)] = newValue }
    }

    /// The faults that are on.
    public var active: [FleetFault] { FleetFault.allCases.filter { self[$0] > 0 } }

    private static func index(_ fault: FleetFault) -> Int {
        FleetFault.allCases.firstIndex(of: fault) ?? 0
    }

    var json: JSONValue {
        var object = JSONObject()
        for fault in active { object[fault.rawValue] = .integer(Int64(self[fault])) }
        return .object(object)
    }

    init(json: JSONValue) throws(FleetError) {
        self.init()
        guard let object = json.object else {
            throw FleetError("\"faults\" is an object of fault names and thousandths")
        }
        for member in object.members {
            guard let fault = FleetFault(rawValue: member.key), let rate = member.value.integer,
                (0...1_000).contains(rate)
            else { throw FleetError("\"\(member.key)\" is no fault with a rate of 0 to 1000") }
            self[fault] = Int(rate)
        }
    }
}

/// Which faults a run may meet.
public enum FleetProfile: String, CaseIterable, Hashable, Sendable {
    /// None at all.
    case none
    /// Those of the network.
    case network
    /// Those of processes and of the hub.
    case process
    /// All of them; each seed its own subset.
    case swarm
    /// Those too that the engine is known not to stand yet.
    case open

    /// Whether this profile has the fault.
    func has(_ fault: FleetFault) -> Bool {
        switch self {
        case .none: false
        case .network: fault.isOfMessage || fault == .partition || fault == .clog
        case .process:
            [.kill, .crash, .pause, .doubleStart, .hubRestart, .hubCrash].contains(fault)
        case .swarm: !fault.isOpen
        case .open: true
        }
    }
}

/// A scenario or plan that cannot be read, or a run that cannot be set up.
public struct FleetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    init(_ description: String) { self.description = description }
}
