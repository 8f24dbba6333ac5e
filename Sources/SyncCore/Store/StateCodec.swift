package import GRDB
package import Replication

/// Packs a record's state into one blob.
///
/// Layout (varints; signed ones zig-zag):
///
///     format      1 byte, 1
///     stamps      n, then each: replica number, counter, sequence, wall time − previous (signed),
///                 logical, author number
///     creation    stamp index + 1, 0 for none
///     marks       n, then each: kind << 1 | has contest, stamp index, reason text,
///                 [contest stamp index]
///     seals       n, then each: stamp index, reason, n of slots, each slot and value
///     slots       n, then each: (field − previous) << 1 | has element, [element], n of siblings,
///                 each: stamp index << 1 | is superseded, value
///     covers      for each seal: n, then the stamp index of each highest write or seal it had seen,
///                 and after them of each lower one of the same replicas that it had not
///     ancestors   n, then each: slot index, text
///
/// A record written by one change has one stamp, so its causality costs about a dozen bytes and one
/// more for each field.
package struct StateCodec {
    private var stamps: [Stamp] = []

    package static func encode(
        _ state: RecordState,
        ancestors: [SlotKey: String],
        names: inout NameTable,
        _ db: Database
    ) throws -> [UInt8] {
        var codec = StateCodec()
        var body = ByteWriter(reserving: 256)
        codec.encodeBody(state, ancestors, into: &body)
        var writer = ByteWriter(reserving: body.count + 32)
        writer.byte(1)
        writer.count(codec.stamps.count)
        var wallTime: Int64 = 0
        for stamp in codec.stamps {
            writer.unsigned(UInt64(try names.number(of: stamp.dot.replica, db)))
            writer.unsigned(stamp.dot.counter)
            writer.unsigned(stamp.sequence ?? 0)
            writer.signed(stamp.timestamp.wallTime &- wallTime)
            wallTime = stamp.timestamp.wallTime
            writer.unsigned(UInt64(stamp.timestamp.logical))
            writer.unsigned(UInt64(try names.number(ofAuthor: stamp.author, db)))
        }
        writer.raw(body.bytes)
        return writer.bytes
    }

    private mutating func index(of stamp: Stamp) -> UInt64 {
        if let last = stamps.last, last == stamp { return UInt64(stamps.count - 1) }
        if let index = stamps.firstIndex(of: stamp) { return UInt64(index) }
        stamps.append(stamp)
        return UInt64(stamps.count - 1)
    }

    private mutating func encodeBody(
        _ state: RecordState,
        _ ancestors: [SlotKey: String],
        into writer: inout ByteWriter
    ) {
        writer.unsigned(state.creation.map { index(of: $0) + 1 } ?? 0)
        writer.count(state.marks.count)
        for mark in state.marks {
            writer.unsigned(UInt64(mark.kind.rawValue) << 1 | (mark.contest == nil ? 0 : 1))
            writer.unsigned(index(of: mark.stamp))
            writer.text(mark.reason)
            if let contest = mark.contest { writer.unsigned(index(of: contest)) }
        }
        writer.count(state.seals.count)
        for seal in state.seals {
            writer.unsigned(index(of: seal.stamp))
            writer.text(seal.reason)
            writer.count(seal.content.count)
            for sealed in seal.content {
                SlotCodec.encode(sealed.slot, after: 0, into: &writer)
                ValueCodec.encode(sealed.value, into: &writer)
            }
        }
        writer.count(state.slots.count)
        var field: UInt32 = 0
        for slot in state.slots {
            SlotCodec.encode(slot.key, after: field, into: &writer)
            field = slot.key.field
            writer.count(slot.siblings.count)
            for sibling in slot.siblings {
                writer.unsigned(index(of: sibling.stamp) << 1 | (sibling.isSuperseded ? 1 : 0))
                ValueCodec.encode(sibling.value, into: &writer)
            }
        }
        encodeCovers(of: state.seals, into: &writer)
        let shared = state.slots.enumerated()
            .compactMap { index, slot in
                ancestors[slot.key].map { (index, $0) }
            }
        writer.count(shared.count)
        for (index, text) in shared {
            writer.count(index)
            writer.text(text)
        }
    }

    /// What a seal covers is kept in the record, so its stamps stand in the table already.
    private func encodeCovers(of seals: [Seal], into writer: inout ByteWriter) {
        guard !seals.isEmpty else { return }
        var places: [Dot: Int] = [:]
        for (place, stamp) in stamps.enumerated() { places[stamp.dot] = place }
        for seal in seals {
            let highest = seal.covered.entries.map { Dot($0.replica, $0.counter) }
            let covered = (highest + seal.missed).compactMap { places[$0] }
            writer.count(covered.count)
            for place in covered { writer.count(place) }
        }
    }

    package static func decode(
        _ bytes: [UInt8],
        names: inout NameTable,
        _ db: Database
    ) throws -> (RecordState, [SlotKey: String]) {
        var reader = ByteReader(bytes, part: "record state")
        let format = try reader.byte()
        guard format == 1 else {
            throw reader.error(.unknownVersion, "state format \(format); this program knows 1")
        }
        let limit = WireLimits.standard.operationsMax
        var stamps: [Stamp] = []
        var wallTime: Int64 = 0
        for _ in 0..<(try reader.count(max: limit, bytesEach: 6, of: "stamps")) {
            let replica = try names.replica(Int64(bitPattern: try reader.unsigned()), db)
            let counter = try reader.unsigned()
            let sequence = try reader.unsigned()
            wallTime = wallTime &+ (try reader.signed())
            let logical = try reader.unsigned32()
            let author = try names.author(Int64(bitPattern: try reader.unsigned()), db)
            stamps.append(
                Stamp(
                    dot: Dot(replica, counter),
                    sequence: sequence == 0 ? nil : sequence,
                    timestamp: HybridTimestamp(wallTime: wallTime, logical: logical),
                    author: author
                )
            )
        }
        return try decodeBody(stamps, from: &reader)
    }

    private static func decodeBody(
        _ stamps: [Stamp],
        from reader: inout ByteReader
    ) throws(WireError) -> (RecordState, [SlotKey: String]) {
        let limit = WireLimits.standard.operationsMax
        func stamp(_ index: UInt64, _ reader: borrowing ByteReader) throws(WireError) -> Stamp {
            try StateCodec.stamp(index, of: stamps, reader)
        }
        let created = try reader.unsigned()
        let creation = created == 0 ? nil : try stamp(created - 1, reader)
        var marks: [LifecycleMark] = []
        for _ in 0..<(try reader.count(max: limit, bytesEach: 3, of: "marks")) {
            let head = try reader.unsigned()
            guard head < 12, let kind = LifecycleMark.Kind(rawValue: UInt8(head >> 1)) else {
                throw reader.error(.invalid, "\(head) is no lifecycle mark")
            }
            let written = try stamp(try reader.unsigned(), reader)
            let reason = try reader.text(max: WireLimits.standard.valueBytesMax)
            let contest = head & 1 == 0 ? nil : try stamp(try reader.unsigned(), reader)
            marks.append(
                LifecycleMark(stamp: written, kind: kind, reason: reason, contest: contest)
            )
        }
        var seals: [Seal] = []
        for _ in 0..<(try reader.count(max: limit, bytesEach: 3, of: "seals")) {
            let written = try stamp(try reader.unsigned(), reader)
            let reason = try reader.text(max: WireLimits.standard.valueBytesMax)
            var content: [Operation.SealedValue] = []
            for _ in 0..<(try reader.count(max: limit, bytesEach: 2, of: "sealed values")) {
                let slot = try SlotCodec.decode(after: 0, from: &reader)
                content.append(Operation.SealedValue(slot, try ValueCodec.decode(from: &reader)))
            }
            seals.append(
                Seal(
                    stamp: written,
                    reason: reason,
                    content: content,
                    covered: VersionVector()
                )
            )
        }
        let slots = try decodeSlots(stamps, from: &reader)
        for index in seals.indices {
            for _ in 0..<(try reader.count(max: limit, bytesEach: 1, of: "covered changes")) {
                let dot = try stamp(try reader.unsigned(), reader).dot
                if seals[index].covered.contains(dot) {
                    seals[index].missed.append(dot)
                } else {
                    seals[index].covered.insert(dot)
                }
            }
        }
        var ancestors: [SlotKey: String] = [:]
        for _ in 0..<(try reader.count(max: limit, bytesEach: 2, of: "ancestors")) {
            let index = try reader.unsigned()
            guard index < UInt64(slots.count) else {
                throw reader.error(.invalid, "slot \(index) of \(slots.count)")
            }
            ancestors[slots[Int(index)].key] =
                try reader.text(max: WireLimits.standard.valueBytesMax)
        }
        try reader.finish()
        let state = RecordState(slots: slots, marks: marks, creation: creation, seals: seals)
        return (state, ancestors)
    }

    private static func stamp(
        _ index: UInt64,
        of stamps: [Stamp],
        _ reader: borrowing ByteReader
    ) throws(WireError) -> Stamp {
        guard index < UInt64(stamps.count) else {
            throw reader.error(.invalid, "stamp \(index) of \(stamps.count)")
        }
        return stamps[Int(index)]
    }

    private static func decodeSlots(
        _ stamps: [Stamp],
        from reader: inout ByteReader
    ) throws(WireError) -> [Slot] {
        let limit = WireLimits.standard.operationsMax
        var slots: [Slot] = []
        var field: UInt32 = 0
        let slotCount = try reader.count(max: limit, bytesEach: 2, of: "slots")
        slots.reserveCapacity(slotCount)
        for _ in 0..<slotCount {
            let key = try SlotCodec.decode(after: field, from: &reader)
            field = key.field
            var siblings: [Slot.Sibling] = []
            for _ in 0..<(try reader.count(max: limit, bytesEach: 2, of: "siblings")) {
                let head = try reader.unsigned()
                siblings.append(
                    Slot.Sibling(
                        stamp: try stamp(head >> 1, of: stamps, reader),
                        value: try ValueCodec.decode(from: &reader),
                        isSuperseded: head & 1 == 1
                    )
                )
            }
            slots.append(Slot(key: key, siblings: siblings))
        }
        return slots
    }
}

/// Writes slot keys: (field − previous field) << 1 | has element, [element].
enum SlotCodec {
    static func encode(_ key: SlotKey, after field: UInt32, into writer: inout ByteWriter) {
        let step = UInt64(key.field &- field)
        writer.unsigned(step << 1 | (key.element == nil ? 0 : 1))
        if let element = key.element { ValueCodec.encode(element, into: &writer) }
    }

    static func decode(
        after field: UInt32,
        from reader: inout ByteReader
    ) throws(WireError) -> SlotKey {
        let head = try reader.unsigned()
        guard let step = UInt32(exactly: head >> 1) else {
            throw reader.error(.overflow, "a field number has more than 32 bits")
        }
        let (number, overflow) = field.addingReportingOverflow(step)
        guard !overflow else { throw reader.error(.overflow, "field numbers overflow") }
        return SlotKey(number, element: head & 1 == 1 ? try ValueCodec.decode(from: &reader) : nil)
    }
}
