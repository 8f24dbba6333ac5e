public import Replication

/// A record of the catalogue, named by its own key: the same record wherever it is created.
public protocol CatalogueRecord: Record {
    /// The record's identity.
    var identity: RecordID { get }
}

extension Organ: CatalogueRecord {
    /// Named by its key.
    public var identity: RecordID { .named(key) }
}

extension Town: CatalogueRecord {
    /// Named by its code.
    public var identity: RecordID { .named(code) }
}

extension Officer: CatalogueRecord {
    /// Named by the officer's number.
    public var identity: RecordID { .named(number) }
}

extension Team: CatalogueRecord {
    /// Named by its key.
    public var identity: RecordID { .named(key) }
}

extension Matter: CatalogueRecord {
    /// Named by its key and its first day in force: `F01@2026-05-01`.
    public var identity: RecordID { .named("\(key)@\(effectiveFrom?.description ?? "")") }
}

extension Water: CatalogueRecord {
    /// Named by its key.
    public var identity: RecordID { .named(key) }
}

extension Closure: CatalogueRecord {
    /// Named by its key.
    public var identity: RecordID { .named(key) }
}

extension CatalogueRelease: CatalogueRecord {
    /// Named by its hash.
    public var identity: RecordID { .named(hash) }
}

extension ChecklistItem: CatalogueRecord {
    /// Named by the checklist and the number of the line: `gas/3`.
    public var identity: RecordID { .named("\(checklist)/\(item)") }
}

extension Species: CatalogueRecord {
    /// Named by its key.
    public var identity: RecordID { .named(key) }
}
