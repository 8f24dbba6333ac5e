import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// What a command on a store works with: the open replica, who works with it, where words go.
struct CommandContext {
    let folder: String
    let output: Output
    let replica: Replica
    let device: DeviceFile

    /// Opens the store of the options.
    ///
    /// `device` takes the place of the file that says whose store it is. A command that writes
    /// nothing says so by `isReading`: a store that cannot be written, or that another command has
    /// for long, will do for it.
    init(
        _ options: StoreOptions,
        device given: DeviceFile? = nil,
        isReading: Bool = false
    ) throws {
        folder = options.folder
        output = options.output
        guard FileManager.default.fileExists(atPath: folder + "/store.sqlite") else {
            throw StoreError(.missing, Messages.noStore(folder))
        }
        device = try given ?? DeviceFile.read(in: folder)
        do {
            let patience = isReading ? CommandContext.readersPatience : CommandContext.patience
            replica = try CommandContext.openInTurn(folder, device, patience)
        } catch let error as StoreError where error.code == .readOnly && isReading {
            replica = try ViewingCopy(of: folder).open(device)
            output.remark(Messages.onlyShown(folder))
        } catch let error as StoreError where error.code == .locked && isReading {
            replica = try ViewingCopy(of: folder).openBeside(device)
            output.remark(Messages.shownBeside)
        }
    }

    /// How long a command waits for another one that has the store, and between two looks.
    private static let patience = Duration.seconds(5)
    /// A sync may wait for its answer for a minute, and nobody wants to wait so long for a look.
    private static let readersPatience = Duration.milliseconds(300)
    private static let pause = Duration.milliseconds(50)

    /// Opens the store, in turn with other commands: most end within a moment, and what an officer
    /// records must not fail because a listing was under way.
    private static func openInTurn(
        _ folder: String,
        _ device: DeviceFile,
        _ patience: Duration
    ) throws -> Replica {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try open(folder, device)
            } catch let error as StoreError where error.code == .locked {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(useconds_t(pause / .microseconds(1)))
            }
        }
    }

    private static func open(_ folder: String, _ device: DeviceFile) throws -> Replica {
        try Replica.open(
            at: folder,
            schema: District.schema,
            author: device.officer,
            opening: .existing,
            dictionary: Seeds.dictionary(in: folder)
        )
    }

    /// The catalogue that this store has.
    func catalogue() throws -> Catalogue {
        try replica.read { reading in
            var records = Catalogue.Records()
            records.organs = try reading.all(Organ.self).map(\.record)
            records.towns = try reading.all(Town.self).map(\.record)
            records.teams = try reading.all(Team.self).map(\.record)
            records.officers = try reading.all(Officer.self).map(\.record)
            records.matters = try reading.all(Matter.self).map(\.record)
            records.waters = try reading.all(Water.self).map(\.record)
            records.closures = try reading.all(Closure.self).map(\.record)
            records.checklistItems = try reading.all(ChecklistItem.self).map(\.record)
            records.species = try reading.all(Species.self).map(\.record)
            let releases = try reading.all(CatalogueRelease.self).map(\.record)
            let newest = releases.max {
                ($0.publishedAt?.milliseconds ?? 0, $0.hash)
                    < ($1.publishedAt?.milliseconds ?? 0, $1.hash)
            }
            return Catalogue(release: newest ?? CatalogueRelease(), records: records)
        }
    }

    /// Finds the record that a text names; `last` is the newest one that was made on this device.
    func find(_ text: String, _ types: [RecordSchema]) throws -> RecordKey {
        let own = text == "last" ? replica.id : nil
        return try replica.read { reading in
            if let own { return try ShortReference.last(of: types, madeBy: own, in: reading) }
            return try ShortReference.find(text, types: types, in: reading)
        }
    }

    /// Finds the record of one type that a text names, for reference fields.
    func resolve(_ text: String, type: UInt32) throws -> RecordKey {
        guard let schema = District.schema.record(type) else {
            throw Failure.input(Messages.unknownReference(text, ""))
        }
        return try find(text, [schema])
    }

    /// Finds the record of one type that a text names in full, for files: short references are for
    /// people, and looking for them reads every record.
    func resolveFull(_ text: String, type: UInt32) throws -> RecordKey {
        let schema = try schema(of: RecordKey(type: type, id: .named(text)))
        let key = try replica.read { try ShortReference.exact(text, schema, in: $0) }
        guard let key else {
            throw Failure.input(Messages.unknownReference(text, schema.name))
        }
        return key
    }

    /// Finds the finding that a text names.
    func finding(_ text: String) throws -> Reference<Finding> {
        Reference(try find(text, [Finding.mapping.schema]).id)
    }

    /// How a confirmation names a finding: by its reference and title, so that a wrong one is seen.
    func naming(_ finding: Reference<Finding>) throws -> String {
        let reference = ShortReference.text(finding.key)
        let title = try replica.record(finding)?.title ?? ""
        return title.isEmpty
            ? reference : words("\(reference) “\(title)”", "\(reference)“\(title)”")
    }

    /// The schema of a record's type.
    func schema(of key: RecordKey) throws -> RecordSchema {
        guard let schema = District.schema.record(key.type) else {
            throw Failure.input(Messages.unknownReference(ShortReference.full(key), ""))
        }
        return schema
    }

    /// This moment by this device's clock.
    var now: WallTime { WallTime(milliseconds: CoreEnvironment.system.now()) }

    /// The officer's name and number, as far as the catalogue knows it.
    func person(_ number: String) throws -> String {
        let officer = try replica.record(Reference<Officer>(.named(number)))
        guard let officer, !officer.name.isEmpty else { return number }
        return "\(officer.name) (\(number))"
    }

    /// Says how much waits to be sent.
    func reportWaiting() throws {
        let waiting = try replica.status().waitingChanges
        output.line(Messages.waiting(waiting), style: .dim)
    }

    /// The JSON of a command that wrote: what it wrote, and how much waits.
    func written(_ key: RecordKey, _ more: JSONObject = [:]) throws -> JSONValue {
        var object: JSONObject = [
            "reference": .string(ShortReference.text(key)),
            "id": .string(ShortReference.full(key)),
        ]
        for member in more.members { object[member.key] = member.value }
        object["waiting"] = .integer(Int64(try replica.status().waitingChanges))
        return .object(object)
    }
}
