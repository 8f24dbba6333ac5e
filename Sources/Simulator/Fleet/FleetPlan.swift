import Interchange

/// Everything that will happen in a run: a value that can be kept, changed and run again.
public struct FleetPlan: Hashable, Sendable {
    /// One device at the start.
    public struct Device: Hashable, Sendable {
        /// A person's name.
        public var name: String
        /// Decides its replica id and the like.
        public var seed: UInt64
        /// Its link's number among the plan's links.
        public var link: Int
        /// The bits of the towns it subscribes to; 0 for everything.
        public var towns: Int64
        /// How far its clock is from the true time at first, in ms.
        public var clock: Int64
        /// How many parts in a million its clock runs fast.
        public var drift: Int64
        /// The version of its program's schema.
        public var schema = Int(FleetSchema.version)
    }

    /// The scenario's name.
    public var scenario: String
    /// The seed that it was made of.
    public var seed: UInt64
    /// The profile of faults that it was made with.
    public var profile: FleetProfile = .swarm
    /// How long the first phase lasts, in ms.
    public var length: Int64 = 0
    /// How many towns there are.
    public var towns = 3
    /// How many records of a town everybody edits.
    public var hot = 4
    /// How often each fault strikes.
    public var rates = FleetRates()
    /// The hub's pages, in bytes.
    public var pageBytes = 1 << 20
    /// The devices' pushes, in bytes.
    public var pushBytes = 262_144
    /// From how many bytes on requests travel in parts.
    public var partBytes = 16_384
    /// The version of the schema that the hub begins with.
    public var hubSchema = Int(FleetSchema.version)
    /// How many bytes of cut messages the hub keeps.
    public var keptBytes = 32 << 20
    /// The link classes.
    public var links: [FleetLink] = []
    /// The devices.
    public var devices: [Device] = []
    /// What happens, in order.
    public var events: [FleetEvent] = []

    /// Makes an empty plan.
    public init(scenario: String, seed: UInt64) {
        self.scenario = scenario
        self.seed = seed
    }
}

extension FleetPlan {
    /// The same plan with every clock right.
    public var underTrueClocks: FleetPlan {
        var plan = self
        plan.events.removeAll { $0.verb == .clock }
        for index in plan.devices.indices {
            plan.devices[index].clock = 0
            plan.devices[index].drift = 0
        }
        return plan
    }

    /// The plan as JSON Lines: the header, then one event a line.
    public var lines: [UInt8] {
        let writer = JSONWriter()
        var result = writer.bytes(of: header)
        result.append(UInt8(ascii: "\n"))
        for event in events {
            writer.write(event.json, to: &result)
            result.append(UInt8(ascii: "\n"))
        }
        return result
    }

    /// Reads a plan.
    ///
    /// - Throws: `FleetError` naming the line and what would be right.
    public init(lines: [UInt8]) throws(FleetError) {
        var reader = JSONLinesReader()
        reader.append(lines)
        reader.finish()
        var plan: FleetPlan?
        var number = 1
        do {
            while let (line, value) = try reader.next() {
                number = line
                if plan == nil {
                    plan = try FleetPlan(header: value)
                } else {
                    let count = plan?.devices.count ?? 0
                    plan?.events.append(try FleetEvent(json: value, devices: count))
                }
            }
        } catch {
            throw FleetError("line \(number): \(error)")
        }
        guard let plan else { throw FleetError("the plan is empty; its first line is the header") }
        self = plan
    }

    private var header: JSONValue {
        let devices = devices.map { device -> JSONValue in
            .object([
                "name": .string(device.name), "seed": .string(String(device.seed, radix: 16)),
                "link": .integer(Int64(device.link)), "towns": .integer(device.towns),
                "clock": .integer(device.clock), "drift": .integer(device.drift),
                "schema": .integer(Int64(device.schema)),
            ])
        }
        return .object([
            "plan": 1, "scenario": .string(scenario),
            "seed": .string(String(seed, radix: 16)), "profile": .string(profile.rawValue),
            "length": .integer(length), "towns": .integer(Int64(towns)),
            "hot": .integer(Int64(hot)), "faults": rates.json,
            "pageBytes": .integer(Int64(pageBytes)), "pushBytes": .integer(Int64(pushBytes)),
            "partBytes": .integer(Int64(partBytes)), "hubSchema": .integer(Int64(hubSchema)),
            "keptBytes": .integer(Int64(keptBytes)),
            "links": .array(links.map(\.json)),
            "devices": .array(devices),
        ])
    }

    private init(header: JSONValue) throws(FleetError) {
        let reader = try FleetReader(header, of: "header")
        _ = try reader.integer("plan", 1...1)
        self.init(scenario: try reader.text("scenario"), seed: try reader.seed("seed"))
        profile = FleetProfile(rawValue: try reader.text("profile")) ?? .swarm
        length = try reader.integer("length", 0...(1 << 50))
        towns = Int(try reader.integer("towns", 1...9))
        hot = Int(try reader.integer("hot", 1...1_000))
        rates = try FleetRates(json: reader.object["faults"] ?? .object([:]))
        pageBytes = Int(try reader.integer("pageBytes", 1...(1 << 30)))
        pushBytes = Int(try reader.integer("pushBytes", 1...(1 << 30)))
        partBytes = Int(try reader.integer("partBytes", 1...(1 << 30)))
        hubSchema = Int(try reader.integer("hubSchema", 1...2, else: 2))
        keptBytes = Int(try reader.integer("keptBytes", 0...(1 << 30), else: 32 << 20))
        for link in try reader.list("links") { links.append(try FleetLink(json: link)) }
        for value in try reader.list("devices") {
            let device = try FleetReader(value, of: "device")
            let limit: Int64 = 1 << 50
            devices.append(
                Device(
                    name: try device.text("name"),
                    seed: try device.seed("seed"),
                    link: Int(try device.integer("link", 0...Int64(max(links.count - 1, 0)))),
                    towns: try device.integer("towns", 0...511),
                    clock: try device.integer("clock", -limit...limit, else: 0),
                    drift: try device.integer("drift", -500_000...500_000, else: 0),
                    schema: Int(try device.integer("schema", 1...2, else: 2))
                )
            )
        }
        guard !links.isEmpty, !devices.isEmpty else {
            throw FleetError("header: a plan has at least one link and one device")
        }
    }
}
