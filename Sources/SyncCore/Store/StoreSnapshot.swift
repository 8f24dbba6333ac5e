import GRDB

/// A copy of a store as one transaction sees it, taken beside the process that has it open.
public enum StoreSnapshot {
    /// Copies what is recorded in a store's folder into another folder.
    ///
    /// The store's lock is not taken and its file not written: its owner goes on. The copy is whole,
    /// even if changes are recorded or a checkpoint is made meanwhile.
    ///
    /// - Throws: `StoreError` when the file cannot be read or the copy not be written.
    public static func copy(_ folder: String, to target: String) throws {
        let path = folder + "/store.sqlite"
        guard try StoreFile.exists(path) else {
            throw StoreError(.missing, "\(folder) holds no store")
        }
        try StoreHeader.check(path)
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "field snapshot"
        do {
            let source = try DatabaseQueue(path: path, configuration: configuration)
            let copy = try DatabaseQueue(path: target + "/store.sqlite")
            // In one step, which is one transaction of the source.
            try source.backup(to: copy)
            try copy.close()
        } catch {
            throw StoreFile.translate(error, path: path)
        }
    }
}
