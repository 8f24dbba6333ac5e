import Models
import Replication
import Testing

@Suite struct SameAsTests {
    private func finding(_ name: String) -> Reference<Finding> { Reference(.named(name)) }

    private func link(
        _ one: String,
        _ other: String,
        _ verdict: LinkVerdict = .confirmed
    ) throws
        -> SameAs
    {
        var link = try #require(SameAs(between: finding(one), and: finding(other)))
        link.verdict = verdict
        return link
    }

    @Test func `Links from opposite ends are one record and make no cycle (C30)`() throws {
        let forth = try link("x", "y")
        let back = try link("y", "x")
        #expect(forth.identity == back.identity)
        for finding in ["x", "y"] {
            #expect(SameAs.canonical(of: .named(finding), links: [forth, back]) == .named("x"))
        }
    }

    @Test func `A ring of links has one canonical finding, whatever the order`() throws {
        let ring = [try link("b", "c"), try link("c", "d"), try link("d", "a"), try link("a", "b")]
        for links in [ring, ring.reversed()] {
            for finding in ["a", "b", "c", "d"] {
                #expect(SameAs.canonical(of: .named(finding), links: links) == .named("a"))
            }
            #expect(SameAs.clusters(of: links).count == 1)
        }
    }

    @Test func `Suggested and rejected links join nothing`() throws {
        let links = [try link("a", "b", .suggested), try link("a", "b", .rejected)]
        #expect(SameAs.canonical(of: .named("b"), links: links) == .named("b"))
        #expect(SameAs.clusters(of: links).isEmpty)
    }

    @Test func `A finding is not linked with itself`() {
        #expect(SameAs(between: finding("a"), and: finding("a")) == nil)
    }

    @Test func `Clusters are those of a search, for random links`() throws {
        var random = SeededGenerator(state: 5)
        for _ in 0..<200 {
            let links = try (0..<Int.random(in: 0...12, using: &random))
                .compactMap { _ in
                    let ends = (0..<2).map { _ in "\(Int.random(in: 0...9, using: &random))" }
                    return ends[0] == ends[1] ? nil : try link(ends[0], ends[1])
                }
            for name in (0...9).map(String.init) {
                var reached: Set<RecordID> = [.named(name)]
                for _ in 0..<10 {
                    for link in links {
                        guard let first = link.first?.id, let second = link.second?.id else {
                            continue
                        }
                        if reached.contains(first) { reached.insert(second) }
                        if reached.contains(second) { reached.insert(first) }
                    }
                }
                #expect(SameAs.canonical(of: .named(name), links: links) == reached.min())
            }
        }
    }
}
