import Replication

/// Makes a plan of a scenario and a seed, swarm style: each seed has its own devices, its own subset
/// of faults and its own rates.
public struct PlanMaker {
    /// What the command line decides.
    public struct Options: Hashable, Sendable {
        /// How many devices; nil for the seed's choice.
        public var devices: Int?
        /// How many days; nil for the scenario's.
        public var days: Int64?
        /// Which faults are possible.
        public var profile = FleetProfile.swarm

        /// Makes the default options.
        public init() {}
    }

    private let scenario: FleetScenario
    private let options: Options
    private var plan: FleetPlan
    private var absences: [FleetScenario.Absence]
    private static let day: Int64 = 86_400_000
    private static let people = [
        "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy",
        "mallory", "niaj",
    ]

    /// Makes the plan.
    public static func plan(
        _ scenario: FleetScenario,
        seed: UInt64,
        options: Options = Options()
    ) -> FleetPlan {
        var maker = PlanMaker(scenario, seed, options)
        maker.drawFaults()
        maker.drawDevices()
        maker.drawDays()
        maker.drawHub()
        maker.drawCare()
        maker.drawVersions()
        maker.plan.events.sort { ($0.at, $0.device, $0.seed) < ($1.at, $1.device, $1.seed) }
        return maker.plan
    }

    private init(_ scenario: FleetScenario, _ seed: UInt64, _ options: Options) {
        self.scenario = scenario
        self.options = options
        plan = FleetPlan(scenario: scenario.name, seed: seed)
        plan.profile = options.profile
        plan.length = (options.days ?? scenario.days) * PlanMaker.day
        plan.towns = scenario.towns
        plan.hot = scenario.hot
        plan.links = scenario.links
        absences = scenario.absences
    }

    private func stream(_ name: String) -> RandomStream {
        RandomStream(seed: plan.seed, name: scenario.name + " " + name)
    }

    // MARK: Header

    private mutating func drawFaults() {
        for fault in FleetFault.allCases where options.profile.has(fault) {
            // A stream for each, so that a new fault leaves the others as they were.
            let random = stream("fault \(fault.rawValue)")
            // Half of the faults are off, so that those which are on have the stage.
            let isOn = random.chance(500) || scenario.always.contains(fault)
            let rate = 1 + random.below(fault.rateMax)
            if isOn { plan.rates[fault] = rate }
        }
        guard options.profile != .none else { return }
        let random = stream("sizes")
        plan.pageBytes = random.pick([1, 200, 2_000, 20_000, 1 << 20])
        plan.pushBytes = random.pick([1, 400, 4_000, 262_144])
        plan.partBytes = random.pick([64, 1_000, 16_384])
        // A hub that keeps little forgets what a cut message began with; a large one could then never
        // pass through a short window.
        let kept = stream("kept").pick([4_000, 600])
        if plan.pageBytes <= 20_000, plan.pushBytes <= 4_000 { plan.keptBytes = kept }
    }

    private mutating func drawDevices() {
        let random = stream("devices")
        let drawn =
            scenario.devicesMin
            + random.below(scenario.devicesMax - scenario.devicesMin + 1)
        let count = max(options.devices ?? drawn, 1)
        let shares = scenario.agencies.flatMap { agency in
            Array(repeating: agency.towns, count: agency.share)
        }
        let links = scenario.links.indices.flatMap { index in
            Array(repeating: index, count: scenario.links[index].share)
        }
        for index in 0..<count {
            // Agencies take turns, so that even few devices are of several.
            let towns =
                scenario.agencies.isEmpty
                ? [] : shares[(index * 7 + random.below(2)) % shares.count]
            plan.devices.append(
                FleetPlan.Device(
                    name: PlanMaker.name(index),
                    seed: random.next(),
                    link: links.isEmpty ? 0 : links[random.below(links.count)],
                    towns: towns.reduce(0) { $0 | 1 << Int64($1) },
                    clock: plan.rates[.clock] > 0 ? PlanMaker.clock(random) : 0,
                    drift: plan.rates[.clock] > 0 ? Int64(random.below(2_001)) - 1_000 : 0
                )
            )
        }
    }

    private static func name(_ index: Int) -> String {
        let name = people[index % people.count]
        return index < people.count ? name : "\(name)-\(index / people.count)"
    }

    /// Right, minutes off, or up to fifty years off.
    private static func clock(_ random: RandomStream) -> Int64 {
        let year: Int64 = 31_556_952_000
        switch random.below(4) {
        case 0: return 0
        case 1: return Int64(random.below(600_000)) - 300_000
        default: return Int64(random.below(Int(100 * year))) - 50 * year
        }
    }

    // MARK: Events

    private mutating func drawDays() {
        let days = max(plan.length / PlanMaker.day, 1)
        for device in plan.devices.indices {
            let life = stream("life of \(device)")
            if plan.rates[.absence] > 0, life.chance(plan.rates[.absence] * 50), days > 3 {
                let from = Int64(life.below(Int(days)))
                absences.append(.init(device: device, day: from, days: 1 + days / 2))
            }
            for day in 0..<days {
                draw(device, day, stream("day \(day) of \(device)"))
            }
        }
    }

    private mutating func draw(_ device: Int, _ day: Int64, _ random: RandomStream) {
        let start = day * PlanMaker.day
        let away = absences.contains {
            $0.device == device && $0.day <= day && day < $0.day + $0.days
        }
        let length = max(scenario.shiftTo - scenario.shiftFrom, 1) * 3_600_000
        let from = start + scenario.shiftFrom * 3_600_000
        let moment = { from + Int64(random.below(Int(length))) }
        // A device that is away goes on recording.
        for _ in 0..<scenario.writes {
            add(moment(), device, .write, random)
            strike(moment, device, random, isAway: away)
        }
        if let storm = scenario.stormDay, day <= storm {
            guard day == storm else { return }
            let noon = start + 12 * 3_600_000
            add(noon + Int64(random.below(3_600_000)), device, .sync, random)
            return
        }
        guard !away else { return }
        let link = plan.links[plan.devices[device].link]
        let phase = FleetPlan.phase(plan.devices[device], link)
        for _ in 0..<scenario.syncs {
            // An app begins when it sees a link; some try without.
            let wanted = moment()
            let at = random.chance(900) ? link.next(at: wanted, phase: phase) : wanted
            if at < plan.length { add(at, device, .sync, random) }
        }
    }

    /// What goes wrong around one change.
    private mutating func strike(
        _ moment: () -> Int64,
        _ device: Int,
        _ random: RandomStream,
        isAway: Bool
    ) {
        for fault in FleetFault.allCases where !fault.isOfMessage {
            guard random.chance(plan.rates[fault]) else { continue }
            let at = moment()
            switch fault {
            case .kill: add(at, device, .kill, random)
            case .crash: add(at, device, .crash, random)
            case .doubleStart: add(at, device, .doubleStart, random)
            case .clock: add(at, device, .clock, random, PlanMaker.clock(random))
            case .pause: add(at, device, .pause, random, PlanMaker.pause(random))
            case .restore, .clone: copy(at, device, fault, random)
            case .lose: if plan.devices.count > 2 { add(at, device, .lose, random) }
            case .subscribe: subscribe(at, device, random)
            case .partition where !isAway:
                add(at, device, .partition, random, Int64(random.below(7_200_000)))
            case .clog where !isAway:
                add(at, device, .clog, random, Int64(random.below(600_000)))
            case .diskFault: add(at, device, .diskFault, random)
            case .stranger: add(at, device, .stranger, random)
            case .wrongGrant: grant(at, device, random)
            case .meet where !isAway:
                let same = plan.devices.indices.filter {
                    $0 != device && plan.devices[$0].towns == plan.devices[device].towns
                }
                if !same.isEmpty { add(at, device, .meet, random, Int64(random.pick(same))) }
            default: break
            }
        }
    }

    /// A copy is kept, and some days later it comes back, here or elsewhere.
    private mutating func copy(
        _ at: Int64,
        _ device: Int,
        _ fault: FleetFault,
        _ random: RandomStream
    ) {
        let number = Int64(plan.events.count)
        let other = fault == .clone ? random.below(plan.devices.count) : device
        add(at, device, .keep, random, number)
        let later = at + 60_000 + Int64(random.below(Int(5 * PlanMaker.day)))
        add(min(later, plan.length), other, .restore, random, number)
    }

    private mutating func subscribe(_ at: Int64, _ device: Int, _ random: RandomStream) {
        guard plan.devices[device].towns != 0 else { return }
        let bits = 1 + random.below((1 << plan.towns) - 1)
        add(at, device, .subscribe, random, Int64(bits))
    }

    /// Some hours or days pass before anybody notices.
    private mutating func grant(_ at: Int64, _ device: Int, _ random: RandomStream) {
        guard plan.devices[device].towns != 0 else { return }
        add(at, device, .wrongGrant, random, 1 << Int64(random.below(plan.towns)))
        let later = at + 600_000 + Int64(random.below(Int(2 * PlanMaker.day)))
        add(min(later, plan.length), device, .revoke, random)
    }

    private static func pause(_ random: RandomStream) -> Int64 {
        let longest = random.pick([5_000, 600_000, 86_400_000, 21 * 86_400_000])
        return 1_000 + Int64(random.below(longest))
    }

    /// Half of the devices begin with the version before, and versions come and go.
    private mutating func drawVersions() {
        drawHubVersions()
        guard plan.rates[.oldProgram] > 0 else { return }
        for device in plan.devices.indices {
            let random = stream("version of \(device)")
            if random.chance(500) { plan.devices[device].schema = 1 }
            for _ in 0..<random.below(3) {
                let version = random.chance(700) ? Int64(FleetSchema.version) : 1
                add(Int64(random.below(Int(plan.length))), device, .install, random, version)
            }
        }
    }

    /// So does the hub.
    private mutating func drawHubVersions() {
        guard plan.rates[.oldHub] > 0 else { return }
        let random = stream("version of the hub")
        plan.hubSchema = 1
        for _ in 0..<1 + random.below(3) {
            let version = random.chance(700) ? Int64(FleetSchema.version) : 1
            add(Int64(random.below(Int(plan.length))), 0, .hubInstall, random, version)
        }
    }

    private mutating func drawHub() {
        let random = stream("hub")
        let hours = plan.length / 3_600_000
        for hour in 0..<max(hours, 1) {
            if random.chance(plan.rates[.diskFault]) {
                let at = hour * 3_600_000 + Int64(random.below(3_600_000))
                add(at, 0, .hubDiskFault, random)
            }
            for fault in [FleetFault.hubRestart, .hubCrash] {
                guard random.chance(plan.rates[fault]) else { continue }
                add(
                    hour * 3_600_000 + Int64(random.below(3_600_000)),
                    0,
                    fault == .hubCrash ? .hubCrash : .hubRestart,
                    random,
                    Int64(random.pick([0, 2_000, 60_000, 1_800_000]))
                )
            }
        }
    }

    /// What operators do at the hub.
    private mutating func drawCare() {
        let random = stream("care")
        for hour in 0..<max(plan.length / 3_600_000, 1) {
            let at = hour * 3_600_000 + Int64(random.below(3_600_000))
            if random.chance(plan.rates[.compact]) {
                let age = random.pick([0, 0, 3_600_000, PlanMaker.day, 3 * PlanMaker.day])
                add(at, 0, .compact, random, age)
            }
            if random.chance(plan.rates[.retire]) {
                add(at, 0, .retire, random, random.pick([0, PlanMaker.day / 2, 2 * PlanMaker.day]))
            }
        }
        drawMerges()
    }

    /// An office that sees both towns puts them together.
    private mutating func drawMerges() {
        guard plan.rates[.townMerge] > 0, plan.towns > 1 else { return }
        let random = stream("town merges")
        for hour in 0..<max(plan.length / 3_600_000, 1) where random.chance(plan.rates[.townMerge])
        {
            let from = random.below(plan.towns)
            let to = (from + 1 + random.below(plan.towns - 1)) % plan.towns
            let both: Int64 = 1 << Int64(from) | 1 << Int64(to)
            let offices = plan.devices.indices.filter {
                plan.devices[$0].towns == 0 || plan.devices[$0].towns & both == both
            }
            guard !offices.isEmpty else { continue }
            let at = hour * 3_600_000 + Int64(random.below(3_600_000))
            add(at, random.pick(offices), .townMerge, random, Int64(from * 10 + to))
        }
    }

    private mutating func add(
        _ at: Int64,
        _ device: Int,
        _ verb: FleetEvent.Verb,
        _ random: RandomStream,
        _ value: Int64 = 0
    ) {
        plan.events.append(
            FleetEvent(at: at, device: device, verb: verb, seed: random.next(), value: value)
        )
    }
}

extension FleetPlan {
    /// When a device's first window begins.
    static func phase(_ device: Device, _ link: FleetLink) -> Int64 {
        link.every > 0 ? Int64(device.seed % UInt64(link.every)) : 0
    }
}

extension RandomStream {
    /// Whether something happens that happens so many times in a thousand.
    func chance(_ thousandths: Int) -> Bool {
        // Nothing is drawn for what is off.
        thousandths > 0 && below(1_000) < thousandths
    }

    /// One of several.
    func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
