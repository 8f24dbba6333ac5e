import Testing

@testable import Interchange

/// Files from the world, as they came.
@Suite(.enabled(if: SharedData.isPresent, "the shared data does not stand beside the repository"))
struct RealFileTests {
    @Test func `every NMEA log is read without a fault`() throws {
        var fixes: [String: Int] = [:]
        let names = SharedData.names(in: "tracks", startingWith: "nmea_")
        #expect(!names.isEmpty)
        for name in names {
            let result = try NMEAReader.read(try SharedData.bytes(name))
            #expect(result.summary.isClean, "\(name): \(result.summary)")
            #expect(result.summary.sentences > 500)
            #expect(result.fixes.count == result.summary.fixes)
            #expect(result.summary.fixesWithoutTime == 0, "\(name)")
            let times = result.fixes.compactMap(\.time)
            #expect(times == times.sorted(), "\(name)")
            fixes[String(name.dropFirst("tracks/".utf8.count))] = result.fixes.count
        }
        #expect(fixes["nmea_gps.log.gz"] == 1202)
        #expect(fixes["nmea_nais300-merrimac.log.gz"] == 10)
        #expect(fixes["nmea_nais400-merrimac.log.gz"] == 16)
        #expect(fixes["nmea_gofree-merrimac.log.gz"] == 142)
    }

    @Test func `the walk of the GPS log is where and when it was`() throws {
        let bytes = try SharedData.bytes("tracks/nmea_gps.log.gz")
        let fixes = try NMEAReader.read(bytes).fixes
        let first = try #require(fixes.first)
        #expect(try first.time == TimeText.parseInstant("2014-04-03T08:54:11Z"))
        // 52°22.3215' N, 4°54.5778' E.
        #expect(first.coordinate.latitude == 523_720_250)
        #expect(first.coordinate.longitude == 49_096_300)
        #expect(first.dilutionHundredths == 295)
        #expect(first.speedMilliknots == 580)
        // The last sentence is a GGA without a date.
        let last = try #require(fixes.last)
        #expect(try last.time == TimeText.parseInstant("2014-04-03T09:14:12Z"))
    }

    @Test func `the city's complaints are read, written and read to the same values`() throws {
        let name = "findings/chicago_sanitation_code_violations_2000_2015.csv.gz"
        let rows = try CSVReader.rows(of: try SharedData.bytes(name))
        #expect(rows.count == 25_000)
        #expect(rows.allSatisfy { $0["row_in_source"] != nil && !$0.fields.isEmpty })
        var exact = 0
        for row in rows {
            if let created = row["Creation_Date"], !created.isEmpty {
                _ = try CivilDate.parse(created)
            }
            guard let latitude = row["Latitude"], let longitude = row["Longitude"],
                !latitude.isEmpty
            else { continue }
            let reading = try Coordinate.parse(latitude: latitude, longitude: longitude)
            if reading.isExact { exact += 1 }
        }
        #expect(exact < rows.count)
        let names = try #require(rows.first?.names)
        let bytes = try CSVWriter.bytes(of: rows.prefix(8000).map(\.fields), names: names)
        let again = try CSVReader.rows(of: bytes, dialect: .spreadsheet)
        #expect(again.count == 8000)
        #expect(zip(rows, again).allSatisfy { $0.fields == $1.fields })
    }

    @Test(arguments: [
        "findings/chicago_inspector_visits_2011_2014.csv.gz",
        "findings/maritime_incidents_1993_2020.csv.gz",
        "findings/cn_illegal_fishing_cases_facts.csv",
        "tracks/earthranger_store_and_forward_35769.csv.gz",
    ])
    func `other tables are read whole`(name: String) throws {
        let bytes = try SharedData.bytes(name)
        let rows = try CSVReader.rows(of: bytes)
        #expect(!rows.isEmpty)
        #expect(rows.last?.number == rows.count)
    }

    @Test func `the rangers' tracks go through GPX and GeoJSON unchanged`() throws {
        let rows = try CSVReader.rows(
            of: try SharedData.bytes("tracks/smart_ranger_patrols_mara_2024.csv.gz")
        )
        #expect(rows.count == 32_145)
        var tracks: [GPXTrack] = []
        var rounded = 0
        // A missing field would be "", which no parser takes.
        for row in rows {
            let patrol = row["patrol_id"] ?? ""
            if tracks.last?.name != patrol {
                tracks.append(GPXTrack(name: patrol, segments: [GPXSegment()]))
            }
            let place = try Coordinate.parse(
                latitude: row["lat"] ?? "",
                longitude: row["lon"] ?? ""
            )
            if !place.isExact { rounded += 1 }
            let time = try TimeText.parseInstant(row["fixtime"] ?? "")
            tracks[tracks.count - 1].segments[0].points
                .append(
                    GPXPoint(coordinate: place.coordinate, time: time)
                )
        }
        #expect(rounded > 25_000)
        #expect(Set(tracks.compactMap(\.name)).count == 18)
        let document = GPXDocument(creator: "field-sync", tracks: tracks)
        let reading = try GPXReader().read(try GPXWriter().bytes(of: document))
        #expect(reading == GPXReading(document: document))

        let features = tracks.prefix(5)
            .map { track in
                GeoJSONFeature(
                    geometry: .multiLine(
                        track.segments.map {
                            $0.points.map { GeoJSONPosition(coordinate: $0.coordinate) }
                        }
                    ),
                    properties: ["patrol": .string(track.name ?? "")]
                )
            }
        let text = try GeoJSONWriter().bytes(of: features)
        #expect(try GeoJSONReader().read(text) == GeoJSONReading(features: features))
    }

    @Test func `the legislators' records are read line by line and written to the same values`()
        throws
    {
        var reader = JSONLinesReader()
        let bytes = try SharedData.bytes("edits/record_concurrency_congress.jsonl.gz")
        reader.append(bytes.prefix(600_000))
        var count = 0
        while let item = try reader.next() {
            count += 1
            let text = JSONWriter(style: .canonical).bytes(of: item.value)
            #expect(try JSONParser().parse(text) == item.value)
        }
        #expect(count > 100)
    }
}
