public import Interchange

/// What a run came to.
public struct FleetReport: Sendable {
    /// What went over one class of links.
    public struct Traffic: Hashable, Sendable {
        /// The class.
        public var link: String
        /// Bytes that devices sent.
        public var up = 0
        /// Bytes that the hub sent.
        public var down = 0
        /// Messages in both directions.
        public var messages = 0
    }

    /// How the fleet stood at one moment.
    public struct Sample: Hashable, Sendable {
        /// Virtual ms since the start.
        public var at: Int64
        /// Changes that wait on devices.
        public var waiting: Int64
        /// Devices with something that waits.
        public var behind: Int
        /// The hub's last sequence.
        public var head: Int64
    }

    /// How often something happened.
    public struct Count: Hashable, Sendable {
        /// What.
        public var name: String
        /// How often.
        public var count: Int
    }

    /// The scenario's name.
    public let scenario: String
    /// The seed.
    public let seed: UInt64
    /// How many devices.
    public let devices: Int
    /// How many events the plan has.
    public let events: Int
    /// The faults that were on.
    public let faults: [FleetFault]
    /// How long the first phase lasted, in virtual ms.
    public let length: Int64
    /// The broken promises; the first one ended the run.
    public internal(set) var violations: [FleetViolation] = []
    /// A digest of every step and of what everybody holds at the end.
    public internal(set) var digest = ""
    /// A digest of what the hub keeps of each record: which changes stand, and not what is shown of
    /// them, nor when they were written.
    public internal(set) var structure = ""
    /// Changes that were acknowledged to people.
    public internal(set) var writes = 0
    /// Edits that the schema refused.
    public internal(set) var refusedEdits = 0
    /// Acknowledged changes that only a lost or overwritten store had.
    public internal(set) var destroyed = 0
    /// Entries in the hub's log.
    public internal(set) var entries = 0
    /// Exchanges that began.
    public internal(set) var exchanges = 0
    /// Exchanges that ended with everything said.
    public internal(set) var finished = 0
    /// Exchanges that gave up.
    public internal(set) var failed = 0
    /// Changes that the hub held apart.
    public internal(set) var quarantined = 0
    /// When everybody had come to the same, in virtual ms.
    public internal(set) var endedAt: Int64 = 0
    /// What went over the links.
    public internal(set) var traffic: [Traffic]
    /// The fleet over time.
    public internal(set) var samples: [Sample] = []
    /// From the acknowledgement to the hub, for each change that came there, in ms.
    public internal(set) var delays: [Int64] = []
    /// Open conflicts at the end, by type and field.
    public internal(set) var conflicts: [Count] = []
    /// What happened, and how often.
    public internal(set) var counts: [Count] = []
    /// How often each rare branch of the engine was taken, in a build that counts them.
    public internal(set) var marks: [Count] = []
    var lastFailure: [String: String] = [:]

    init(_ plan: FleetPlan) {
        scenario = plan.scenario
        seed = plan.seed
        devices = plan.devices.count
        events = plan.events.count
        faults = plan.rates.active
        length = plan.length
        traffic = plan.links.map { Traffic(link: $0.name) }
    }

    /// Whether every promise was kept.
    public var isKept: Bool { violations.isEmpty }

    mutating func count(_ name: String, by amount: Int = 1) {
        guard amount > 0 else { return }
        if let index = counts.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            counts[index].count += amount
        } else {
            counts.append(Count(name: name, count: amount))
        }
    }

    mutating func carried(_ bytes: Int, on link: String, isUp: Bool) {
        guard let index = traffic.firstIndex(where: { $0.link.utf8.elementsEqual(link.utf8) })
        else { return }
        traffic[index].messages += 1
        if isUp { traffic[index].up += bytes } else { traffic[index].down += bytes }
    }

    /// The delay that so many hundredths of the changes do not exceed, in ms.
    public func delay(percentile: Int) -> Int64 {
        let sorted = delays.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count * percentile / 100, sorted.count - 1)]
    }
}

extension FleetReport {
    /// The report for programs.
    public var json: JSONValue {
        func list(_ counts: [Count]) -> JSONValue {
            var object = JSONObject()
            for count in counts.sorted(by: { $0.name < $1.name }) {
                object[count.name] = .integer(Int64(count.count))
            }
            return .object(object)
        }
        return .object([
            "scenario": .string(scenario), "seed": .string(String(seed)),
            "kept": .boolean(isKept), "digest": .string(digest),
            "devices": .integer(Int64(devices)), "events": .integer(Int64(events)),
            "faults": .array(faults.map { .string($0.rawValue) }),
            "violations": .array(violations.map(FleetReport.json)),
            "writes": .integer(Int64(writes)), "refusedEdits": .integer(Int64(refusedEdits)),
            "destroyed": .integer(Int64(destroyed)), "entries": .integer(Int64(entries)),
            "exchanges": .integer(Int64(exchanges)), "finished": .integer(Int64(finished)),
            "failed": .integer(Int64(failed)), "endedAt": .integer(endedAt),
            "traffic": .array(traffic.map(FleetReport.json)),
            "delayMedian": .integer(delay(percentile: 50)),
            "delay95": .integer(delay(percentile: 95)),
            "conflicts": list(conflicts), "counts": list(counts),
            "marks": list(marks),
        ])
    }

    private static func json(_ violation: FleetViolation) -> JSONValue {
        .object([
            "invariant": .string(violation.invariant.rawValue),
            "event": .integer(Int64(violation.event)), "at": .integer(violation.at),
            "what": .string(violation.what),
        ])
    }

    private static func json(_ traffic: Traffic) -> JSONValue {
        .object([
            "link": .string(traffic.link), "up": .integer(Int64(traffic.up)),
            "down": .integer(Int64(traffic.down)), "messages": .integer(Int64(traffic.messages)),
        ])
    }
}
