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
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                guard let descriptor = Int32(name),
                    let target = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "/proc/self/fd/\(name)"
                    ), target == path
                else { continue }
                copies.append(dup(descriptor))
            }
            #expect(try replica.status().records == 0)
        }
        #expect(copies.count == 1)
        #expect(throws: Never.self) { try bench.replica() }
    }
}
