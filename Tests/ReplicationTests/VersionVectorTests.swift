import Replication
import Testing

struct VersionVectorTests {
    /// Every vector of three replicas with counters up to two.
    private static let all: [VersionVector] = (0..<27)
        .map { (code: UInt64) -> VersionVector in
            var vector = VersionVector()
            vector[People.alice] = code % 3
            vector[People.bob] = code / 3 % 3
            vector[People.carol] = code / 9
            return vector
        }

    @Test
    func `joining is commutative, associative and idempotent`() {
        for a in VersionVectorTests.all {
            #expect(a.merged(with: a) == a)
            for b in VersionVectorTests.all {
                let both = a.merged(with: b)
                #expect(both == b.merged(with: a))
                #expect(both.descends(from: a) && both.descends(from: b))
                for replica in People.four { #expect(both[replica] == max(a[replica], b[replica])) }
                for c in VersionVectorTests.all
                where both.merged(with: c) != a.merged(with: b.merged(with: c)) {
                    Issue.record("not associative: \(a) \(b) \(c)")
                }
            }
        }
    }

    @Test
    func `causal order is what the counters say`() {
        for a in VersionVectorTests.all {
            for b in VersionVectorTests.all {
                let isBelow = People.four.allSatisfy { a[$0] <= b[$0] }
                let isAbove = People.four.allSatisfy { a[$0] >= b[$0] }
                let expected: CausalOrder =
                    switch (isBelow, isAbove) {
                    case (true, true): .equal
                    case (true, false): .before
                    case (false, true): .after
                    case (false, false): .concurrent
                    }
                #expect(a.causalOrder(comparedTo: b) == expected)
                #expect((a == b) == (expected == .equal))
            }
        }
    }

    @Test
    func `replicas that were not seen are absent and entries are sorted`() {
        var vector: VersionVector = [People.carol: 3, People.alice: 1, People.bob: 0]
        #expect(vector.entries.map(\.replica) == [People.alice, People.carol])
        #expect(vector[People.bob] == 0)
        vector[People.alice] = 0
        #expect(vector == [People.carol: 3])
        vector.insert(Dot(People.carol, 2))
        #expect(vector[People.carol] == 3)
        vector.insert(Dot(People.alice, .max))
        #expect(vector.contains(Dot(People.alice, .max)))
        #expect(!vector.contains(Dot(People.bob, 1)))
        #expect(!vector.isEmpty)
        #expect(VersionVector().isEmpty)
    }

    @Test
    func `an empty vector is before every other`() {
        #expect(VersionVector().causalOrder(comparedTo: [People.alice: 1]) == .before)
        #expect(VersionVector().causalOrder(comparedTo: VersionVector()) == .equal)
        let vector: VersionVector = [People.alice: 2]
        #expect(vector.description == "{a11ce00000000001:2}")
    }
}
