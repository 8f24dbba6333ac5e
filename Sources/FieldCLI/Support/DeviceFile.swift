import Foundation
import Interchange

/// Who works with a store, and with which hub: `device.json` beside the store.
struct DeviceFile: Sendable {
    /// The officer's number.
    var officer: String
    /// The second officer's number; may be empty.
    var partner = ""
    /// The key of the officer's organ.
    var organ: String
    /// The code of the town.
    var town: String
    /// The hub's address; may be empty.
    var hub = ""
    /// The name of this device in tracks.
    var device: String

    /// Nobody's device: for looking at a store whose file is lost.
    static let unknown = DeviceFile(officer: "", organ: "", town: "", device: "")

    private static func path(in folder: String) -> String { folder + "/device.json" }

    /// Reads the file of a store.
    static func read(in folder: String) throws -> DeviceFile {
        let path = path(in: folder)
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure(.storeUnavailable, Messages.noDevice(folder))
        }
        let value: JSONValue
        do { value = try JSONParser().parse(Array(bytes)) } catch {
            throw Failure(.storeUnavailable, Messages.file(path, "\(error)"))
        }
        func text(_ key: String) -> String { value[key]?.string ?? "" }
        return DeviceFile(
            officer: text("officer"),
            partner: text("partner"),
            organ: text("organ"),
            town: text("town"),
            hub: text("hub"),
            device: text("device")
        )
    }

    /// Writes the file, whole or not at all.
    func write(in folder: String) throws {
        let value: JSONValue = [
            "officer": .string(officer), "partner": .string(partner), "organ": .string(organ),
            "town": .string(town), "hub": .string(hub), "device": .string(device),
        ]
        let text = JSONWriter(style: .pretty).text(of: value) + "\n"
        try InputFile.write(Array(text.utf8), to: DeviceFile.path(in: folder))
    }
}
