import Foundation
import SyncCore
import Testing

@Suite struct StoreLockTests {
    @Test(.enabled(if: access("/proc/self/fd", R_OK) == 0, "no list of descriptors here"))
    func `a store can be opened again while a child process is being started`() throws {
        let bench = try Workbench()
        let path = bench.path("alice") + "/store.lock"
        var copies: [Int32] = []
        defer { copies.forEach { close($0) } }
        do {
            let replica = try bench.replica()
            // What a fork does to every descriptor, until the child runs its program.
            // All are found first: a copy takes the number of the listing's own descriptor.
            let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
                .filter { name in
                    let link = "/proc/self/fd/\(name)"
                    return (try? FileManager.default.destinationOfSymbolicLink(atPath: link))
                        == path
                }
            copies = held.compactMap { Int32($0) }.map { dup($0) }
            #expect(try replica.status().records == 0)
        }
        #expect(copies.count == 1)
        #expect(throws: Never.self) { try bench.replica() }
    }
}
