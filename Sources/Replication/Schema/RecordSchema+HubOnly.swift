/// Why a device may not do something to a record: only the hub may.
public struct DeviceRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The field that only the hub writes; nil where it is the whole record.
    public let field: String?
    /// What was tried and who may do it, as `writes town.code, which only the hub writes`.
    public let description: String
}

extension RecordSchema {
    /// Whether only the hub keeps records of this type: every field is its alone.
    public var isHubOnly: Bool {
        !fields.isEmpty && fields.allSatisfy { $0.policy == .hubOnly }
            && unlistedFields.map { $0.policy == .hubOnly } ?? true
    }

    /// Why a device may not do this to a record of this type; nil where it may.
    ///
    /// The device asks before it records, the hub before it accepts. An action that this version
    /// does not know is refused only where the whole record is the hub's.
    public func refusalFromDevices(of action: Operation.Action) -> DeviceRefusal? {
        let verb: String
        switch action {
        case .unknown: verb = "does what this version does not know to"
        case .write(let slot, _):
            if policy(of: slot) == .hubOnly || isHubOnly { return refusal("writes", slot) }
            return nil
        case .seal(_, let content):
            if let sealed = content.first(where: { policy(of: $0.slot) == .hubOnly }) {
                return refusal("seals", sealed.slot)
            }
            verb = "seals"
        case .create: verb = "creates"
        case .delete: verb = "deletes"
        case .undelete: verb = "brings back"
        case .close: return refusal("closes")
        case .collect, .collected: return refusal("collects")
        case .void:
            verb = "voids"
            if !isVoidable { return refusal(verb) }
        }
        return isHubOnly ? refusal(verb) : nil
    }

    private func refusal(_ verb: String) -> DeviceRefusal {
        DeviceRefusal(
            field: nil,
            description: "\(verb) a record of \(name), which only the hub may do"
        )
    }

    private func refusal(_ verb: String, _ slot: SlotKey) -> DeviceRefusal {
        let field = name(of: slot)
        return DeviceRefusal(
            field: field,
            description: "\(verb) \(name).\(field), which only the hub writes"
        )
    }
}
