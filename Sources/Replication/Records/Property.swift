/// Reads one property of a struct.
///
/// A key path finds its property anew at every use, which costs as much as a dozen fields' worth of
/// reading. Where a stored property lies in its struct never changes, so it is asked once.
@usableFromInline
struct Property<Root, Value>: Sendable {
    @usableFromInline let keyPath: any KeyPath<Root, Value> & Sendable
    /// Where the value lies in the struct; nil for a property that is computed or observed.
    @usableFromInline let offset: Int?

    @usableFromInline
    init(_ keyPath: any KeyPath<Root, Value> & Sendable) {
        self.keyPath = keyPath
        offset = MemoryLayout<Root>.offset(of: keyPath)
    }

    @inlinable
    func value(of root: Root) -> Value {
        guard let offset else { return root[keyPath: keyPath] }
        return withUnsafeBytes(of: root) { $0.load(fromByteOffset: offset, as: Value.self) }
    }
}
