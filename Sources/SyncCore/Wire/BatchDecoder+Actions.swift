import Replication

/// The actions of a batch's entries: their codes and fields, then marks and seals, then the values.
extension BatchDecoder {
    /// An action, its code and where its value will stand.
    private typealias ActionCost = (Operation.Action, ActionCode, Int, Int)
    /// An array's header and the unused end of its block.
    private typealias ArrayCost = (Int, Int, Int, Int)

    mutating func decodeActions(_ items: inout [Batch.Item]) throws(WireError) {
        let counts = try column(items.count)
        var total = 0
        for count in counts {
            guard count <= UInt64(limits.operationsMax - total) else {
                throw reader.error(.limit, "over \(limits.operationsMax) operations in one batch")
            }
            total += Int(count)
        }
        try reader.expect(total, of: ActionCost.self)
        try reader.expect(items.count, of: ArrayCost.self)
        var codes: [ActionCode] = []
        codes.reserveCapacity(total)
        for code in try column(total) {
            guard let code = ActionCode(rawValue: code) else {
                throw reader.error(.invalid, "\(code) is no kind of action")
            }
            codes.append(code)
        }
        let fields = try column(codes.count { $0 == .write || $0 == .writeElement })
        // First everything but the values, then the value columns in order of their keys.
        var pending: [ColumnKey: [(item: Int, action: Int)]] = [:]
        var nextCode = 0
        var nextField = 0
        for index in items.indices {
            items[index].entry.actions.reserveCapacity(Int(counts[index]))
            for _ in 0..<Int(counts[index]) {
                let code = codes[nextCode]
                nextCode += 1
                switch code {
                case .write, .writeElement:
                    let field = try number32(fields[nextField])
                    nextField += 1
                    let place = (index, items[index].entry.actions.count)
                    let type = items[index].entry.record.type
                    if code == .writeElement {
                        let key = ColumnKey(type: type, field: field, role: .element)
                        pending[key, default: []].append(place)
                    }
                    let key = ColumnKey(type: type, field: field, role: .value)
                    pending[key, default: []].append(place)
                    items[index].entry.actions.append(.write(SlotKey(field), .null))
                default:
                    items[index].entry.actions.append(try decodeMark(code))
                }
            }
        }
        for key in pending.keys.sorted() {
            try decodeValues(key, at: pending[key] ?? [], into: &items)
        }
    }

    private mutating func decodeValues(
        _ key: ColumnKey,
        at places: [(item: Int, action: Int)],
        into items: inout [Batch.Item]
    ) throws(WireError) {
        let values = try ValueColumnReader.decode(
            places.count,
            strings: &strings,
            replicas: &replicas,
            limits: limits,
            from: &reader
        )
        for (place, value) in zip(places, values) {
            guard
                case .write(let slot, let other) = items[place.item].entry.actions[place.action]
            else { continue }
            items[place.item].entry.actions[place.action] =
                key.role == .element
                ? .write(SlotKey(slot.field, element: value), other) : .write(slot, value)
        }
    }

    private mutating func sealedValue() throws(WireError) -> FieldValue {
        try ValueCodec.decode(from: &reader, limits: limits)
    }

    private mutating func decodeMark(
        _ code: ActionCode
    ) throws(WireError) -> Operation.Action {
        switch code {
        case .create, .write, .writeElement: return .create
        case .delete: return .delete(reason: try strings.string(try reader.unsigned(), reader))
        case .undelete: return .undelete(reason: try strings.string(try reader.unsigned(), reader))
        case .void: return .void(reason: try strings.string(try reader.unsigned(), reader))
        case .seal:
            let reason = try strings.string(try reader.unsigned(), reader)
            let count = try reader.count(
                max: limits.operationsMax,
                bytesEach: 2,
                of: "sealed values"
            )
            try reader.expect(count, of: Operation.SealedValue.self)
            try reader.expect(1, of: ArrayCost.self)
            var content: [Operation.SealedValue] = []
            content.reserveCapacity(count)
            for _ in 0..<count {
                let head = try reader.unsigned()
                let element = head & 1 == 1 ? try sealedValue() : nil
                let slot = SlotKey(try number32(head >> 1), element: element)
                content.append(Operation.SealedValue(slot, try sealedValue()))
            }
            return .seal(reason: reason, content: content)
        case .close: return .close
        case .collect:
            let count = try reader.count(
                max: limits.operationsMax,
                bytesEach: 1,
                of: "fields that stay"
            )
            try reader.expect(count, of: UInt32.self)
            try reader.expect(1, of: ArrayCost.self)
            var fields: [UInt32] = []
            fields.reserveCapacity(count)
            for _ in 0..<count {
                let field = try reader.unsigned32()
                if let last = fields.last, field <= last {
                    throw reader.error(.notCanonical, "fields that stay out of order")
                }
                fields.append(field)
            }
            return .collect(keeping: fields)
        case .collected:
            try reader.expect(1, of: ArrayCost.self)
            return .collected(digest: Array(try reader.raw(EntryDigest.bytes)))
        case .unknown:
            let foreign = try reader.unsigned32()
            return .unknown(code: foreign, payload: try reader.block(max: limits.valueBytesMax))
        }
    }
}
