import Models
import Replication
import Testing

@Suite struct TrackPointsTests {
    /// A boat that keeps speed and turns a little, a fix a second with jitter.
    private func patrol(_ count: Int, seed: UInt64 = 1) -> [TrackPoint] {
        var random = SeededGenerator(state: seed)
        var time = Samples.time.milliseconds
        var place: (Int64, Int64) = (307_318_000, 1_200_452_000)
        var speed: (Int64, Int64) = (350, 120)
        return (0..<count)
            .map { _ in
                time += 1_000 + Int64.random(in: -3...3, using: &random)
                speed.0 += Int64.random(in: -4...4, using: &random)
                speed.1 += Int64.random(in: -4...4, using: &random)
                place = (place.0 + speed.0, place.1 + speed.1)
                return TrackPoint(
                    time: WallTime(milliseconds: time),
                    latitude: Samples.scaled(place.0),
                    longitude: Samples.scaled(place.1)
                )
            }
    }

    private func random(_ count: Int, seed: UInt64) -> [TrackPoint] {
        var random = SeededGenerator(state: seed)
        return (0..<count)
            .map { _ in
                TrackPoint(
                    time: WallTime(
                        milliseconds: Int64.random(in: 0...253_402_300_799_999, using: &random)
                    ),
                    latitude: Samples.scaled(
                        Int64.random(in: -900_000_000...900_000_000, using: &random)
                    ),
                    longitude: Samples.scaled(
                        Int64.random(in: -1_800_000_000...1_800_000_000, using: &random)
                    )
                )
            }
    }

    @Test func `Points come back as they were`() throws {
        for count in [0, 1, 2, 3, 500] {
            let points = patrol(count)
            #expect(try TrackPoints.decode(TrackPoints.encode(points)) == points)
        }
        for seed in 1...200 {
            let points = random(Int(seed % 20), seed: UInt64(seed))
            #expect(try TrackPoints.decode(TrackPoints.encode(points)) == points)
        }
    }

    @Test func `A steady boat costs at most four bytes a point`() throws {
        let points = patrol(1_000)
        #expect(try TrackPoints.encode(points).count <= 4_000)
    }

    @Test func `The layout is frozen`() throws {
        let points = [
            TrackPoint(
                time: WallTime(milliseconds: 1_000),
                latitude: Samples.scaled(-1),
                longitude: Samples.scaled(64)
            ),
            TrackPoint(
                time: WallTime(milliseconds: 2_000),
                latitude: Samples.scaled(-2),
                longitude: Samples.scaled(65)
            ),
            TrackPoint(
                time: WallTime(milliseconds: 3_001),
                latitude: Samples.scaled(-3),
                longitude: Samples.scaled(65)
            ),
        ]
        let bytes: [UInt8] = [
            1, 3, 0xD0, 0x0F, 0xD0, 0x0F, 2, 1, 1, 0, 0x80, 0x01, 2, 1,
        ]
        #expect(try TrackPoints.encode(points) == bytes)
        #expect(try TrackPoints.decode(bytes) == points)
    }

    @Test func `A track cut anywhere is refused`() throws {
        let bytes = try TrackPoints.encode(patrol(5))
        for end in 0..<bytes.count {
            #expect(throws: TrackPointsError.self) { try TrackPoints.decode(Array(bytes[..<end])) }
        }
    }

    @Test(
        arguments: [
            ([], .truncated), ([2, 0], .version(2)), ([1, 0, 0], .trailing(1)),
            ([1, 1, 0, 0], .truncated), ([1, 0x80, 0x00], .malformedNumber(at: 1)),
            ([1, 0x81, 0x80, 0x04], .tooMany(65_537)),
            ([1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], .tooMany(UInt64.max)),
            (
                [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2],
                .malformedNumber(at: 1)
            ),
            ([1, 1, 1, 0, 0], .invalidPoint(0)),
        ] as [([UInt8], TrackPointsError)]
    )
    func `Hostile bytes are a typed error`(bytes: [UInt8], expected: TrackPointsError) {
        let error = #expect(throws: TrackPointsError.self) { try TrackPoints.decode(bytes) }
        #expect(error == expected)
    }

    @Test func `No bytes trap, and what is decoded has one encoding`() throws {
        var random = SeededGenerator(state: 42)
        let valid = try TrackPoints.encode(patrol(6))
        var decoded = 0
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            guard let points = try? TrackPoints.decode(bytes) else { continue }
            decoded += 1
            #expect(try TrackPoints.encode(points) == bytes)
        }
        #expect(decoded > 0)
    }

    @Test func `Points that are nowhere are refused`() throws {
        var points = patrol(2)
        points[1].latitude = Samples.scaled(900_000_001)
        #expect(throws: TrackPointsError.invalidPoint(1)) { try TrackPoints.encode(points) }
        points[1].latitude = Samples.scaled(Int64.min)
        #expect(throws: TrackPointsError.invalidPoint(1)) { try TrackPoints.encode(points) }
        let many = [TrackPoint](repeating: points[0], count: TrackPoints.countMax + 1)
        #expect(throws: TrackPointsError.tooMany(65_537)) { try TrackPoints.encode(many) }
    }

    @Test func `A segment counts its points and starts with the first`() throws {
        let points = patrol(3)
        let segment = try TrackSegment(leg: Reference(.named("l")), device: "boat", points: points)
        #expect(segment.pointCount == 3 && segment.startedAt == points[0].time)
        #expect(try segment.decodedPoints() == points)
    }
}
