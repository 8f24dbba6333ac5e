/// What an XML document holds next.
public enum XMLEvent: Hashable, Sendable {
    /// An element starts; its end follows as an event of its own, also for `<a/>`.
    case start(XMLElement)
    /// The element with this name ends.
    case end(name: String)
    /// Text between two tags, with references resolved, CDATA taken in and comments left out.
    case text(String)
    /// The document is over.
    case endOfDocument
}

/// The start of an element.
public struct XMLElement: Hashable, Sendable {
    /// The name as written, with its prefix.
    public let name: String
    /// The attributes in their order, each name once.
    public let attributes: [XMLAttribute]
    /// The line of its `<`, from 1.
    public let line: Int

    /// The value of an attribute, nil when there is none.
    public subscript(name: String) -> String? {
        attributes.first { $0.name.hasSameBytes(as: name) }?.value
    }
}

/// One attribute.
public struct XMLAttribute: Hashable, Sendable {
    /// The name as written, with its prefix.
    public let name: String
    /// The value with references resolved and white space normalised.
    public let value: String
}
