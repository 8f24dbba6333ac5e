import Replication

extension ReplicaID {
    /// The scope of the records that this replica made outside of its scopes.
    ///
    /// Its subscription includes it without asking. No value of a schema can name it: those have an
    /// equals sign.
    package var ownScope: String { String.ownScopePrefix + description }
}

extension String {
    fileprivate static let ownScopePrefix = "replica:"

    /// Whether this is the name of a replica's own scope, to which nobody can subscribe.
    package var isOwnScope: Bool {
        hasPrefix(String.ownScopePrefix) && !utf8.contains(UInt8(ascii: "="))
    }
}
