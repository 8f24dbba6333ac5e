/// One writer's version of a text, as a merge of texts takes it.
struct TextVersion {
    let stamp: Stamp
    let text: String

    init(stamp: Stamp, text: String) {
        self.stamp = stamp
        self.text = text
    }

    /// Reads a text slot's value; nil when it is no text.
    ///
    /// A cleared field is the empty text.
    init?(_ stamp: Stamp, _ value: FieldValue) {
        switch value {
        case .text(let text): self.init(stamp: stamp, text: text)
        case .null: self.init(stamp: stamp, text: "")
        default: return nil
        }
    }

    /// The versions one after the other, the earliest first, each with its author and time; who
    /// says nothing is not quoted.
    static func concatenated(_ versions: [TextVersion], timeZoneMinutes: Int) -> String {
        versions.filter { !$0.text.isEmpty }
            .sorted { $1.stamp.follows($0.stamp) }
            .map { version in
                let time = CivilMinute(
                    milliseconds: version.stamp.timestamp.wallTime,
                    zoneMinutes: timeZoneMinutes
                )
                return "〔\(version.stamp.author) \(time)〕\(version.text)"
            }
            .joined(separator: "\n")
    }
}
