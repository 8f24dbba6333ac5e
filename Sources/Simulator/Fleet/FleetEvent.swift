import Interchange

/// One thing that happens in a plan.
public struct FleetEvent: Hashable, Sendable {
    /// What happens.
    public enum Verb: String, CaseIterable, Hashable, Sendable {
        /// A person records one change.
        case write
        /// An exchange with the hub begins.
        case sync
        /// Another device's changes come here without a hub; `value` is the other device.
        case meet
        /// The process ends between two steps.
        case kill
        /// The process ends with its files as they stand.
        case crash
        /// Nothing of the device runs for `value` ms.
        case pause
        /// A second process tries the store.
        case doubleStart
        /// The clock is `value` ms from the true time.
        case clock
        /// The files are copied under the number `value`.
        case keep
        /// The files are replaced by the copy `value`.
        case restore
        /// The device is gone.
        case lose
        /// The device wants the towns in the bits of `value`.
        case subscribe
        /// Messages are lost for `value` ms.
        case partition
        /// Messages are held for `value` ms.
        case clog
        /// The hub is down for `value` ms.
        case hubRestart
        /// The same, with its files as they stand.
        case hubCrash
        /// The hub closes what was deleted `value` ms ago, and collects what everybody knows.
        case compact
        /// Who has been silent the longest, and for `value` ms at least, is retired.
        case retire
        /// The disk fails during the device's next operation.
        case diskFault
        /// The hub's disk fails during its next answer.
        case hubDiskFault
        /// Version `value` of the program is installed.
        case install
        /// A client that is no device of the fleet tries the hub.
        case stranger
        /// Version `value` of the program is installed on the hub.
        case hubInstall
        /// The device is given the towns in the bits of `value`, which are not its.
        case wrongGrant
        /// What it was given wrongly is taken back.
        case revoke
        /// The device moves all findings of town `value / 10` to town `value % 10`.
        case townMerge
    }

    /// Milliseconds since the start.
    public var at: Int64
    /// Whose, from 0; of the hub's events it does not matter.
    public var device: Int
    /// What happens.
    public var verb: Verb
    /// Decides everything that the event leaves to chance.
    public var seed: UInt64
    /// See the verbs.
    public var value: Int64 = 0

    var json: JSONValue {
        var object: JSONObject = [
            "at": .integer(at), "device": .integer(Int64(device)), "do": .string(verb.rawValue),
            "seed": .string(String(seed, radix: 16)),
        ]
        if value != 0 { object["value"] = .integer(value) }
        return .object(object)
    }

    /// Makes an event.
    public init(at: Int64, device: Int, verb: Verb, seed: UInt64, value: Int64 = 0) {
        self.at = at
        self.device = device
        self.verb = verb
        self.seed = seed
        self.value = value
    }

    init(json: JSONValue, devices: Int) throws(FleetError) {
        let reader = try FleetReader(json, of: "event")
        at = try reader.integer("at", 0...(1 << 50))
        device = Int(try reader.integer("device", 0...Int64(max(devices - 1, 0))))
        let name = try reader.text("do")
        guard let verb = Verb(rawValue: name) else { throw FleetError("\"\(name)\" is no verb") }
        self.verb = verb
        seed = try reader.seed("seed")
        let limit: Int64 = 1 << 50
        value = try reader.integer("value", -limit...limit, else: 0)
        if verb == .meet, !(0..<Int64(devices)).contains(value) {
            throw FleetError("there is no device \(value) to meet")
        }
    }
}
