import Replication
import Testing

/// Each merge policy with a field of its own in one record type.
enum PolicyCase: UInt32, CaseIterable, Sendable, CustomTestStringConvertible {
    case lastWriter = 1
    case keepSiblings
    case addWinsSet
    case growOnly
    case maximum
    case minimum
    case sticky
    case counter
    case hubOnly
    case claim
    case text
    case remark
    /// The first of two fields that merge as one.
    case group
    case keepLeast = 15
    /// A field that the schema does not list.
    case unlisted = 0

    var testDescription: String { "\(self)" }

    var policy: MergePolicy {
        switch self {
        case .lastWriter: .lastWriter
        case .keepSiblings, .group, .unlisted: .keepSiblings
        case .addWinsSet: .addWinsSet
        case .growOnly: .growOnly
        case .maximum: .maximum
        case .minimum: .minimum
        case .sticky: .sticky
        case .keepLeast: .keepLeast
        case .counter: .counter
        case .hubOnly: .hubOnly
        case .claim: .claim
        case .text: .text(.siblings)
        case .remark: .text(.concatenate)
        }
    }

    var kind: FieldKind {
        switch self {
        case .maximum, .minimum, .keepLeast, .counter: .integer
        case .sticky: .boolean
        default: .text
        }
    }

    /// What only grows stays when a record is collected.
    static let fieldsThatStay = allCases.filter(\.policy.isMonotone).map(\.rawValue).sorted()

    /// The record type of the tests.
    static func schema(_ concurrentDelete: RecordSchema.ConcurrentDelete = .keep) -> RecordSchema {
        var fields = allCases.filter { $0 != .unlisted }
            .map {
                FieldSchema($0.rawValue, "\($0)", $0.kind, $0.policy)
            }
        fields.append(FieldSchema(14, "group2", .text, .keepSiblings))
        fields.sort { $0.number < $1.number }
        return RecordSchema(
            number: 1,
            name: "finding",
            fields: fields,
            groups: [[13, 14]],
            unlistedFields: RecordSchema.UnlistedFields(kind: .text, policy: .keepSiblings),
            concurrentDelete: concurrentDelete
        )
    }

    func slot(_ member: Int = 0) -> SlotKey {
        switch self {
        case .addWinsSet, .growOnly, .unlisted:
            SlotKey(rawValue, element: .text("member \(member)"))
        default: SlotKey(rawValue)
        }
    }

    /// The `choice`-th of four values that a writer may write.
    func value(_ choice: Int, _ memory: inout WriterMemory) -> FieldValue {
        switch self {
        case .addWinsSet, .sticky: .boolean(choice % 2 == 0)
        case .maximum, .minimum, .keepLeast: .integer([5, 3, 9, -4][choice])
        case .counter: .integer(memory.increment(by: [1, 2, -1, 10][choice]))
        case .text, .remark: .text(memory.edit(slot(), choice))
        case .group: .group([.text("name \(choice)"), .text("number \(choice)")])
        default: .text("value \(choice)")
        }
    }

    func write(_ choice: Int, _ memory: inout WriterMemory, member: Int = 0) -> Operation.Action {
        .write(slot(member), value(choice, &memory))
    }
}

/// What a writer keeps in mind: its running total, the texts that it last saw.
struct WriterMemory {
    private var total: Int64 = 0
    private var texts: [SlotKey: String] = [:]
    private var place = 0

    mutating func increment(by step: Int64) -> Int64 {
        total += step
        return total
    }

    /// Takes in a change that was applied at this device.
    mutating func note(event: Event) {
        place += 1
        for case .write(let slot, .text(let text)) in event.actions { texts[slot] = text }
    }

    /// An edit of the last text with a scalar that no other writer uses.
    mutating func edit(_ slot: SlotKey, _ choice: Int) -> String {
        place += 1
        guard var text = texts[slot].map({ Array($0.unicodeScalars) }), !text.isEmpty else {
            return "吴兴区水上执法"
        }
        let fresh = freshScalar()
        switch choice {
        case 0: text.insert(fresh, at: 0)
        case 1: text[text.count - 1] = fresh
        case 2: text.insert(fresh, at: text.count / 2)
        default: text.remove(at: text.count / 2)
        }
        return String(String.UnicodeScalarView(text))
    }

    /// Distinguishes this writer's scalars.
    var writer = 0
    private var fresh = 0

    private mutating func freshScalar() -> Unicode.Scalar {
        fresh += 1
        return Unicode.Scalar(UInt32(0x2_0000 + writer * 0x400 + fresh % 0x400)) ?? "?"
    }
}

/// The steps that exhaustive histories are made of.
enum Step: CaseIterable {
    case first, second, third, twice, create, delete, undelete, void, seal, sealOther, editAndSeal
    case editAndDelete, clear, wrongKind, close, collect

    /// Steps about existence; the others are about the field.
    static let small: [Step] = [.first, .second, .delete]

    func actions(_ policy: PolicyCase, _ memory: inout WriterMemory) -> [Operation.Action] {
        switch self {
        case .first: [policy.write(0, &memory)]
        case .second: [policy.write(1, &memory)]
        case .third: [policy.write(2, &memory, member: 1)]
        case .twice: [policy.write(2, &memory), policy.write(1, &memory)]
        case .create: [.create, policy.write(3, &memory)]
        case .delete: [.delete(reason: "duplicate")]
        case .undelete: [.undelete(reason: "needed")]
        case .void: [.void(reason: "wrong place")]
        case .seal:
            [.seal(reason: "signed", content: [.init(policy.slot(), policy.sealed)])]
        case .sealOther: [.seal(reason: "stamped", content: [])]
        case .editAndSeal:
            [
                policy.write(1, &memory),
                .seal(reason: "", content: [.init(policy.slot(), policy.sealed)]),
            ]
        case .editAndDelete: [policy.write(0, &memory), .delete(reason: "")]
        case .close: [.close]
        case .collect: [.collect(keeping: PolicyCase.fieldsThatStay)]
        case .clear: policy == .counter ? [] : [.write(policy.slot(), .null)]
        case .wrongKind:
            [.write(policy.slot(), policy.kind == .text ? .integer(99) : .text("odd"))]
        }
    }

    /// Mostly edits, sometimes about existence.
    static func random(using random: inout SplitMix64) -> Step {
        let lot = random.below(100)
        return switch lot {
        case 0..<25: .first
        case 25..<50: .second
        case 50..<65: .third
        case 65..<72: .twice
        case 72..<76: .create
        case 76..<81: .delete
        case 81..<85: .undelete
        case 85..<89: .void
        case 89..<91: .seal
        case 91: .sealOther
        case 92: .editAndSeal
        case 93..<95: .editAndDelete
        case 95..<97: .wrongKind
        default: .clear
        }
    }
}

extension PolicyCase {
    /// What a seal says of this field.
    var sealed: FieldValue {
        switch self {
        case .maximum, .minimum, .keepLeast, .counter: .integer(5)
        case .addWinsSet, .sticky: .boolean(true)
        default: .text("value 0")
        }
    }
}
