public import Interchange

/// What a scenario says of people and their days.
public struct FleetScenario: Hashable, Sendable {
    /// A group of devices that receive the same.
    public struct Agency: Hashable, Sendable {
        /// The name.
        public var name: String
        /// Of a hundred devices so many.
        public var share: Int
        /// The towns it works in; empty for all.
        public var towns: [Int]

        /// Makes an agency.
        public init(name: String, share: Int, towns: [Int]) {
            self.name = name
            self.share = share
            self.towns = towns
        }
    }

    /// One device is away from this day on, for so many days.
    public struct Absence: Hashable, Sendable {
        /// Which device, from 0.
        public var device: Int
        /// From which day, from 0.
        public var day: Int64
        /// How many days.
        public var days: Int64
    }

    /// The file's name without its end.
    public var name: String
    /// How many virtual days.
    public var days: Int64 = 7
    /// The fewest devices.
    public var devicesMin = 2
    /// The most devices.
    public var devicesMax = 12
    /// How many towns there are.
    public var towns = 3
    /// Changes of a device in a day.
    public var writes: Int64 = 4
    /// Exchanges of a device in a day.
    public var syncs: Int64 = 3
    /// Hour at which the shift begins.
    public var shiftFrom: Int64 = 7
    /// Hour at which it ends.
    public var shiftTo: Int64 = 19
    /// How many records of a town are edited by all, so that they contradict each other.
    public var hot = 4
    /// The agencies; empty for one that works everywhere.
    public var agencies: [Agency] = []
    /// The classes of links.
    public var links: [FleetLink] = [.second, .fourth, .harbour]
    /// Who is away.
    public var absences: [Absence] = []
    /// Faults that every seed has; of the others each seed has its own half.
    public var always: [FleetFault] = []
    /// On this day every device has been cut off since the start and returns within an hour; nil for none.
    public var stormDay: Int64?

    /// Makes a scenario with the usual figures.
    public init(name: String) { self.name = name }

    /// Reads a scenario.
    ///
    /// - Throws: `FleetError` naming the key and what would be right.
    public init(name: String, json: JSONValue) throws(FleetError) {
        self.init(name: name)
        let reader = try FleetReader(json, of: name)
        let known = [
            "title", "days", "devices", "towns", "writes", "syncs", "shift", "hot", "agencies",
            "links", "absences", "stormDay", "always",
        ]
        for key in reader.object.keys where !known.contains(key) {
            throw FleetError("\(name): \"\(key)\" is unknown; known are \(known)")
        }
        days = try reader.integer("days", 1...1_000, else: days)
        towns = Int(try reader.integer("towns", 1...9, else: Int64(towns)))
        writes = try reader.integer("writes", 0...500, else: writes)
        syncs = try reader.integer("syncs", 0...500, else: syncs)
        hot = Int(try reader.integer("hot", 1...1_000, else: Int64(hot)))
        if let value = reader.object["devices"] {
            (devicesMin, devicesMax) = try FleetScenario.range(value, "devices", 1...2_000)
        }
        if let value = reader.object["shift"] {
            let shift = try FleetScenario.range(value, "shift", 0...24)
            (shiftFrom, shiftTo) = (Int64(shift.0), Int64(shift.1))
        }
        if reader.object["stormDay"] != nil {
            stormDay = try reader.integer("stormDay", 0...days)
        }
        for value in try reader.list("always") {
            guard let fault = value.string.flatMap(FleetFault.init(rawValue:)) else {
                throw FleetError("\(name): \"always\" is a list of faults")
            }
            always.append(fault)
        }
        let links = try reader.list("links")
        if !links.isEmpty {
            self.links = []
            for link in links { self.links.append(try FleetLink(json: link)) }
        }
        for value in try reader.list("agencies") {
            let agency = try FleetReader(value, of: "agency")
            var towns: [Int] = []
            for town in try agency.list("towns") {
                guard let number = town.integer, (0..<Int64(self.towns)).contains(number) else {
                    throw FleetError("agency: towns are numbered from 0 to \(self.towns - 1)")
                }
                towns.append(Int(number))
            }
            let share = Int(try agency.integer("share", 1...100, else: 1))
            agencies.append(Agency(name: try agency.text("name"), share: share, towns: towns))
        }
        for value in try reader.list("absences") {
            let absence = try FleetReader(value, of: "absence")
            absences.append(
                Absence(
                    device: Int(try absence.integer("device", 0...2_000)),
                    day: try absence.integer("day", 0...1_000),
                    days: try absence.integer("days", 1...1_000)
                )
            )
        }
        try check(PlanMaker.Options())
    }

    /// The most events of people in one plan: a plan is held in memory.
    private static let eventsMax: Int64 = 20_000_000

    /// Holds a scenario to what one run can hold.
    ///
    /// - Throws: `FleetError` naming the size and what would be right.
    public func check(_ options: PlanMaker.Options) throws(FleetError) {
        let devices = Int64(options.devices ?? devicesMax)
        let events = (options.days ?? days) * devices * (writes + syncs)
        guard events <= FleetScenario.eventsMax else {
            throw FleetError(
                "\(name): days × devices × (writes + syncs) are \(events), "
                    + "at most \(FleetScenario.eventsMax) fit into a run"
            )
        }
    }

    private static func range(
        _ value: JSONValue,
        _ key: String,
        _ limits: ClosedRange<Int64>
    ) throws(FleetError) -> (Int, Int) {
        let ends = (value.array ?? [value, value]).compactMap(\.integer)
        guard ends.count == 2, limits.contains(ends[0]), limits.contains(ends[1]),
            ends[0] <= ends[1]
        else { throw FleetError("\"\(key)\" must be two numbers, as [2, 12]") }
        return (Int(ends[0]), Int(ends[1]))
    }
}
