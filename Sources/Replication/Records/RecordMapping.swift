/// How a struct's properties map to numbered fields.
public struct RecordMapping<Root: Record>: Sendable {
    /// The record type, without Swift's part.
    public let schema: RecordSchema
    let fields: [FieldMapping<Root>]

    /// Declares a record type.
    ///
    /// The schema is checked when it enters a `Schema`.
    ///
    /// - Parameters:
    ///   - name: the type's name in SQL, JSON and messages.
    ///   - number: the type's number, for ever.
    ///   - isLegalFact: voided instead of deleted.
    ///   - isVoidable: whether a device may void it.
    ///   - declare: declares the fields, atomic groups, scope and place.
    public init(
        _ name: String,
        number: UInt32,
        isLegalFact: Bool = false,
        isVoidable: Bool = true,
        _ declare: (inout Declaration) -> Void
    ) {
        var declaration = Declaration()
        declare(&declaration)
        fields = declaration.fields
        let numbers = declaration.fields
        func fieldNumber(_ keyPath: AnyKeyPath) -> UInt32 {
            numbers.first { $0.keyPath == keyPath }?.schema.number ?? 0
        }
        schema = RecordSchema(
            number: number,
            name: name,
            fields: fields.map(\.schema),
            groups: declaration.groups.map { $0.map(fieldNumber) },
            concurrentDelete: .keep,
            scope: declaration.scope.map(fieldNumber),
            place: declaration.place.map {
                RecordSchema.Place(
                    latitude: fieldNumber($0.latitude),
                    longitude: fieldNumber($0.longitude)
                )
            },
            isLegalFact: isLegalFact,
            isVoidable: isVoidable
        )
    }

    /// The number of the field that a property maps to.
    public func number(of keyPath: PartialKeyPath<Root>) -> UInt32? {
        fields.first { $0.keyPath == keyPath }?.schema.number
    }

    /// The struct that shows a record.
    public func record(from view: RecordView) -> Root {
        var record = Root()
        for index in fields.indices { fields[index].read(view, schema, &record) }
        return record
    }

    /// The edits that make a new record of a struct.
    ///
    /// Every field is written but those that are empty and that the struct's own `init` leaves
    /// empty. So what the record says is in the record: a query for a default finds it, and a
    /// default that a later version changes does not rewrite what was recorded.
    public func edits(inserting record: Root) -> [Edit] {
        var edits: [Edit] = [.create]
        edits.reserveCapacity(fields.count + 1)
        // By index: a loop over the fields would copy each of them.
        for index in fields.indices { fields[index].insertion(record, &edits) }
        return edits
    }

    /// The edits that lead from one struct to another: only the fields that differ.
    public func edits(from old: Root, to new: Root) -> [Edit] {
        var edits: [Edit] = []
        for index in fields.indices { fields[index].difference(old, new, &edits) }
        return edits
    }
}

/// One property's mapping.
@usableFromInline
struct FieldMapping<Root: Record>: Sendable {
    let schema: FieldSchema
    let keyPath: any PartialKeyPath<Root> & Sendable
    let read: @Sendable (RecordView, RecordSchema, inout Root) -> Void
    /// Appends the edits that lead from the first to the second.
    let difference: @Sendable (Root, Root, inout [Edit]) -> Void
    /// Appends the edits that lead from an empty record to this one.
    let insertion: @Sendable (Root, inout [Edit]) -> Void

    @usableFromInline
    init(
        schema: FieldSchema,
        keyPath: any PartialKeyPath<Root> & Sendable,
        read: @escaping @Sendable (RecordView, RecordSchema, inout Root) -> Void,
        difference: @escaping @Sendable (Root, Root, inout [Edit]) -> Void,
        insertion: @escaping @Sendable (Root, inout [Edit]) -> Void
    ) {
        self.schema = schema
        self.keyPath = keyPath
        self.read = read
        self.difference = difference
        self.insertion = insertion
    }
}

// What is declared here runs for every field of every record that is written or read, so it is made
// for the caller's own types (`@inlinable`) and not for any types there may be.
extension RecordMapping {
    /// Where a record type's fields, groups, scope and place are declared.
    public struct Declaration {
        @usableFromInline var fields: [FieldMapping<Root>] = []
        var groups: [[PartialKeyPath<Root>]] = []
        var scope: Scope = .everyone
        var place: (latitude: PartialKeyPath<Root>, longitude: PartialKeyPath<Root>)?

        enum Scope {
            case everyone
            case fields([PartialKeyPath<Root>])
            case parent(PartialKeyPath<Root>)

            func map(_ number: (AnyKeyPath) -> UInt32) -> RecordSchema.ScopeRule {
                switch self {
                case .everyone: .everyone
                case .fields(let paths): .fields(paths.map(number))
                case .parent(let path): .parent(number(path))
                }
            }
        }

        /// Declares a field of one value.
        @inlinable
        public mutating func field<Value: FieldConvertible>(
            _ number: UInt32,
            _ name: String,
            _ keyPath: any WritableKeyPath<Root, Value> & Sendable,
            _ policy: MergePolicy,
            query: FieldSchema.QueryTraits = []
        ) {
            declare(number, name, keyPath, Value.fieldKind, policy, query)
        }

        /// Declares a field that holds an exact decimal with `scale` digits after the point.
        @inlinable
        public mutating func decimal<Value: FieldConvertible>(
            _ number: UInt32,
            _ name: String,
            _ keyPath: any WritableKeyPath<Root, Value> & Sendable,
            scale: UInt8,
            _ policy: MergePolicy,
            query: FieldSchema.QueryTraits = []
        ) {
            declare(number, name, keyPath, .scaled(scale), policy, query)
        }

        /// Declares a number that replicas add to; the property's difference is the increment.
        @inlinable
        public mutating func counter(
            _ number: UInt32,
            _ name: String,
            _ keyPath: any WritableKeyPath<Root, Int64> & Sendable,
            query: FieldSchema.QueryTraits = []
        ) {
            let schema = FieldSchema(number, name, .integer, .counter, query: query)
            let property = Property(keyPath)
            fields.append(
                FieldMapping(
                    schema: schema,
                    keyPath: keyPath,
                    read: { view, schema, root in
                        // A count starts from 0, whatever the struct starts from: it is a sum.
                        root[keyPath: keyPath] = 0
                        if case .integer(let value) = view.value(of: number, in: schema) {
                            root[keyPath: keyPath] = value
                        }
                    },
                    difference: { old, new, edits in
                        // Wrapping is right: the difference of two counts is exact modulo 2^64.
                        let amount = property.value(of: new) &- property.value(of: old)
                        if amount != 0 { edits.append(.increment(number, by: amount)) }
                    },
                    insertion: { new, edits in
                        let amount = property.value(of: new)
                        if amount != 0 { edits.append(.increment(number, by: amount)) }
                    }
                )
            )
        }

        /// Declares a set whose concurrent additions and removals merge, additions winning.
        @inlinable
        public mutating func set<Member: FieldConvertible & Hashable>(
            _ number: UInt32,
            _ name: String,
            _ keyPath: any WritableKeyPath<Root, Set<Member>> & Sendable,
            query: FieldSchema.QueryTraits = []
        ) {
            let schema = FieldSchema(number, name, Member.fieldKind, .addWinsSet, query: query)
            let property = Property(keyPath)
            fields.append(
                FieldMapping(
                    schema: schema,
                    keyPath: keyPath,
                    read: { view, _, root in
                        let members = view.members(of: number)
                            .compactMap {
                                $0.slot.element.flatMap { Member(fieldValue: $0) }
                            }
                        root[keyPath: keyPath] = Set(members)
                    },
                    difference: { old, new, edits in
                        let before = property.value(of: old)
                        Declaration.append(
                            number,
                            from: before,
                            to: property.value(of: new),
                            &edits
                        )
                    },
                    insertion: { new, edits in
                        Declaration.append(number, from: [], to: property.value(of: new), &edits)
                    }
                )
            )
        }

        @inlinable
        static func append<Member: FieldConvertible & Hashable>(
            _ number: UInt32,
            from before: Set<Member>,
            to after: Set<Member>,
            _ edits: inout [Edit]
        ) {
            guard before != after else { return }
            if before.isEmpty {
                for value in after.map({ $0.fieldValue }).sorted() {
                    edits.append(.add(number, value))
                }
                return
            }
            // Sorted, because the order of a Set differs from process to process. Closures, because
            // a key path to a generic's property is made anew on every use.
            for value in before.subtracting(after).map({ $0.fieldValue }).sorted() {
                edits.append(.remove(number, value))
            }
            for value in after.subtracting(before).map({ $0.fieldValue }).sorted() {
                edits.append(.add(number, value))
            }
        }

        /// Declares entries by id that are only ever added.
        @inlinable
        public mutating func entries<Value: FieldConvertible & Equatable>(
            _ number: UInt32,
            _ name: String,
            _ keyPath: any WritableKeyPath<Root, [String: Value]> & Sendable,
            query: FieldSchema.QueryTraits = []
        ) {
            let schema = FieldSchema(number, name, Value.fieldKind, .growOnly, query: query)
            let property = Property(keyPath)
            fields.append(
                FieldMapping(
                    schema: schema,
                    keyPath: keyPath,
                    read: { view, _, root in
                        var entries: [String: Value] = [:]
                        for member in view.members(of: number) {
                            guard case .text(let id) = member.slot.element,
                                let value = Value(fieldValue: member.value)
                            else { continue }
                            entries[id] = value
                        }
                        root[keyPath: keyPath] = entries
                    },
                    difference: { old, new, edits in
                        let before = property.value(of: old)
                        Declaration.append(
                            number,
                            from: before,
                            to: property.value(of: new),
                            &edits
                        )
                    },
                    insertion: { new, edits in
                        Declaration.append(number, from: [:], to: property.value(of: new), &edits)
                    }
                )
            )
        }

        @inlinable
        static func append<Value: FieldConvertible & Equatable>(
            _ number: UInt32,
            from before: [String: Value],
            to after: [String: Value],
            _ edits: inout [Edit]
        ) {
            for (id, value) in after.sorted(by: { $0.key.precedesByBytes($1.key) })
            where before[id] != value {
                edits.append(.append(number, id: id, value.fieldValue))
            }
            // Entries stay. An edit that empties one is refused with its field and id, so that a
            // removal is an error and not an edit that silently does nothing.
            for id in before.keys.sorted(by: { $0.precedesByBytes($1) }) where after[id] == nil {
                edits.append(.append(number, id: id, .null))
            }
        }

        /// Declares that these fields merge as one.
        public mutating func group(_ members: PartialKeyPath<Root>...) { groups.append(members) }

        /// Declares that the devices which subscribe to a value of these fields get the record.
        public mutating func scope(_ fields: PartialKeyPath<Root>...) { scope = .fields(fields) }

        /// Declares that the record goes where the record goes that this field refers to.
        public mutating func scope(of parent: PartialKeyPath<Root>) { scope = .parent(parent) }

        /// Declares the fields of the spatial index: degrees, WGS-84, scaled decimals.
        public mutating func place(
            latitude: PartialKeyPath<Root>,
            longitude: PartialKeyPath<Root>
        ) {
            place = (latitude, longitude)
        }

        @inlinable
        mutating func declare<Value: FieldConvertible>(
            _ number: UInt32,
            _ name: String,
            _ keyPath: any WritableKeyPath<Root, Value> & Sendable,
            _ kind: FieldKind,
            _ policy: MergePolicy,
            _ query: FieldSchema.QueryTraits
        ) {
            let property = Property(keyPath)
            let initial = property.value(of: Root()).fieldValue
            fields.append(
                FieldMapping(
                    schema: FieldSchema(number, name, kind, policy, query: query),
                    keyPath: keyPath,
                    read: { view, schema, root in
                        // A value of a kind that this version does not expect stays in the record;
                        // the struct shows the empty field.
                        let value = view.value(of: number, in: schema)
                        if let value = Value(fieldValue: value) { root[keyPath: keyPath] = value }
                    },
                    difference: { old, new, edits in
                        let value = property.value(of: new).fieldValue
                        if property.value(of: old).fieldValue != value {
                            edits.append(.set(number, value))
                        }
                    },
                    insertion: { new, edits in
                        let value = property.value(of: new).fieldValue
                        if !value.isEmpty || value != initial { edits.append(.set(number, value)) }
                    }
                )
            )
        }
    }
}

extension FieldValue {
    /// Whether a field with this value says nothing: null, the empty text, no bytes.
    ///
    /// Zero and false are no such values. "None were there" and "nobody counted" are two findings;
    /// a type that knows both says the second with an optional.
    @usableFromInline var isEmpty: Bool {
        switch self {
        case .null: true
        case .text(let text): text.utf8.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        default: false
        }
    }
}
