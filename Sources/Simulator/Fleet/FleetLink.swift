import Interchange

/// A class of links: how fast, and when it is there at all.
public struct FleetLink: Hashable, Sendable {
    /// The name, for reports.
    public var name: String
    /// Milliseconds that each direction takes besides the bytes.
    public var latency: Int64
    /// Bytes in a second.
    public var rate: Int64
    /// How long it is there each time, in ms; 0 for always.
    public var window: Int64 = 0
    /// How often it comes, in ms.
    public var every: Int64 = 0
    /// How many devices of a hundred have it.
    public var share: Int = 1

    /// Slow, and there for thirty seconds at a time.
    public static let second = FleetLink(
        name: "2G",
        latency: 700,
        rate: 2_400,
        window: 30_000,
        every: 1_200_000
    )
    /// Fast and always there.
    public static let fourth = FleetLink(name: "4G", latency: 60, rate: 400_000)
    /// Very fast, and only where boats lie at night.
    public static let harbour = FleetLink(
        name: "harbour Wi-Fi",
        latency: 5,
        rate: 4_000_000,
        window: 8 * 3_600_000,
        every: 86_400_000
    )

    /// How long the link is still there, in ms; 0 while it is not.
    ///
    /// - `phase`: when its first window begins, of this device.
    func remaining(at time: Int64, phase: Int64) -> Int64 {
        guard every > 0, window > 0 else { return .max / 4 }
        let place = (time - phase).remainder(every)
        return place < window ? window - place : 0
    }

    /// The next moment at which it is there.
    func next(at time: Int64, phase: Int64) -> Int64 {
        guard every > 0, window > 0 else { return time }
        let place = (time - phase).remainder(every)
        return place < window ? time : time + every - place
    }

    /// When these bytes have gone over, and how many of them do before the link goes.
    func carry(_ count: Int, at time: Int64, phase: Int64) -> (at: Int64, bytes: Int) {
        let needed = latency + Int64(count) * 1_000 / max(rate, 1)
        let left = remaining(at: time, phase: phase)
        guard needed > left else { return (time + needed, count) }
        let bytes = max(left - latency, 0) * rate / 1_000
        return (time + left, min(Int(bytes), max(count - 1, 0)))
    }

    var json: JSONValue {
        .object([
            "name": .string(name), "latency": .integer(latency), "rate": .integer(rate),
            "window": .integer(window), "every": .integer(every), "share": .integer(Int64(share)),
        ])
    }

    init(
        name: String,
        latency: Int64,
        rate: Int64,
        window: Int64 = 0,
        every: Int64 = 0,
        share: Int = 1
    ) {
        self.name = name
        self.latency = latency
        self.rate = rate
        self.window = window
        self.every = every
        self.share = share
    }

    init(json: JSONValue) throws(FleetError) {
        let reader = try FleetReader(json, of: "link")
        name = try reader.text("name")
        latency = try reader.integer("latency", 0...600_000, else: 60)
        rate = try reader.integer("rate", 1...1_000_000_000, else: 400_000)
        window = try reader.integer("window", 0...864_000_000, else: 0)
        every = try reader.integer("every", 0...8_640_000_000, else: 0)
        share = Int(try reader.integer("share", 0...100, else: 1))
    }
}

extension Int64 {
    /// The remainder that is never negative.
    func remainder(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

/// Reads members of a JSON object with messages that name them.
struct FleetReader {
    let object: JSONObject
    private let name: String

    init(_ json: JSONValue, of name: String) throws(FleetError) {
        guard let object = json.object else { throw FleetError("\(name): an object is expected") }
        self.object = object
        self.name = name
    }

    func text(_ key: String) throws(FleetError) -> String {
        guard let text = object[key]?.string, !text.isEmpty else {
            throw FleetError("\(name): \"\(key)\" must be a text")
        }
        return text
    }

    func integer(
        _ key: String,
        _ range: ClosedRange<Int64>,
        else standard: Int64? = nil
    ) throws(FleetError) -> Int64 {
        guard let value = object[key] else {
            if let standard { return standard }
            throw FleetError("\(name): \"\(key)\" is missing")
        }
        guard let number = value.integer, range.contains(number) else {
            throw FleetError(
                "\(name): \"\(key)\" must be \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    func list(_ key: String) throws(FleetError) -> [JSONValue] {
        guard let value = object[key] else { return [] }
        guard let list = value.array else {
            throw FleetError("\(name): \"\(key)\" must be a list")
        }
        return list
    }

    func seed(_ key: String) throws(FleetError) -> UInt64 {
        guard let seed = UInt64(try text(key), radix: 16) else {
            throw FleetError("\(name): \"\(key)\" must be hexadecimal digits")
        }
        return seed
    }
}
