import Replication
import SyncCore

/// Material that several tests use.
enum Samples {
    /// So many sightings, each a change of its own.
    static func write(_ count: Int, to device: Replica) throws {
        try device.writeAll(0..<count) { number, transaction in
            var record = Sighting()
            record.title = "第\(number)次"
            record.story = "观察记录 \(number &* 2_654_435_761 % 1_000_003)"
            record.priority = number % 5
            try transaction.insert(record)
        }
    }

    static let hostileTexts = [
        "a\u{0}b", "\u{0}", "e\u{301} 与 \u{E9}", "𠮷野家的𰻞𰻞面", "\u{202E}倒写", "\u{FEFF}零宽",
        "\u{10FFFF}\u{FFFF}", "'; DROP TABLE log; --", String(repeating: "\u{301}", count: 5_000),
        String(repeating: "长", count: 800), String(repeating: "x", count: (1 << 20) + 1),
        "\"引号\" OR NEAR(", "\n\r\t\u{7F}\u{85}\u{2028}",
    ]

    /// Every place in which an app can put a text.
    static let attempts: [@Sendable (Replica, String) throws -> Reference<Sighting>] = [
        { device, text in
            try device.write { transaction in
                var record = Sighting()
                record.title = text
                record.story = text
                return try transaction.insert(record)
            }
        },
        { device, text in
            try device.write { transaction in
                var record = Sighting()
                record.tags = [text]
                record.notes = [text: text]
                return try transaction.insert(record)
            }
        },
        { device, text in
            try device.write { transaction in
                var record = Sighting()
                record.town = text
                return try transaction.insert(record)
            }
        },
        { device, text in try device.write { try $0.insert(Sighting(), named: text) } },
        { device, text in try device.write(reason: text) { try $0.insert(Sighting()) } },
        { device, text in try device.write(author: text) { try $0.insert(Sighting()) } },
        { device, text in
            try device.write { transaction in
                let reference = try transaction.insert(Sighting())
                try transaction.void(reference, reason: text)
                return reference
            }
        },
    ]
}

extension SyncSession.Options {
    /// No waits between tries.
    static var quick: SyncSession.Options {
        var options = SyncSession.Options()
        options.backoffFirst = 0
        return options
    }
}

extension Fleet {
    /// A device's log in the hub's order.
    func entries(of device: Replica) throws -> [LogEntry] {
        try device.read { try $0.log(limit: .max) }
            .sorted { ($0.sequence ?? .max) < ($1.sequence ?? .max) }.map(\.entry)
    }
}
