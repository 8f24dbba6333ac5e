import Testing

@testable import Interchange

struct NMEAReaderTests {
    private func line(_ body: String, start: String = "$") -> String {
        start + body + "*" + Byte.hexadecimal(body.utf8.reduce(0, ^)) + "\r\n"
    }

    private func read(
        _ lines: [String],
        limits: NMEALimits = NMEALimits()
    ) throws -> (fixes: [NMEAFix], summary: NMEASummary) {
        try NMEAReader.read(lines.joined().bytes, limits: limits)
    }

    private func gga(
        _ time: String,
        latitude: String = "3052.5000",
        quality: String = "1"
    ) -> String {
        line("GPGGA,\(time),\(latitude),N,12006.0000,E,\(quality),08,0.95,3.5,M,45.7,M,,")
    }

    private func rmc(_ time: String, _ date: String, status: String = "A") -> String {
        line("GPRMC,\(time),\(status),3052.5000,N,12006.0000,E,1.234,251.34,\(date),,,A")
    }

    private func instant(_ text: String) throws -> Int64 { try TimeText.parseInstant(text) }

    @Test func `sentences of one moment make one fix`() throws {
        let (fixes, summary) = try read([
            gga("085411.250"), line("GPGSA,A,3,16,,,,,,,,,,,,3.11,2.95,0.99"),
            rmc("085411.250", "030414"), line("GPGLL,3052.5000,N,12006.0000,E,085411.250,A,A"),
            line("GPZDA,085411.250,03,04,2014,-02,00"),
            line("AIVDM,1,1,,A,13aGra0P00,0", start: "!"),
        ])
        let coordinate = try Coordinate(latitude: 308_750_000, longitude: 1_201_000_000)
        #expect(
            fixes == [
                NMEAFix(
                    time: try instant("2014-04-03T08:54:11.250Z"),
                    coordinate: coordinate,
                    quality: .autonomous,
                    hasWarning: false,
                    dilutionHundredths: 95,
                    speedMilliknots: 1234,
                    courseHundredths: 25_134,
                    elevation: 3500,
                    satellites: 8,
                    line: 1
                )
            ]
        )
        #expect(fixes[0].speedMillimetresPerSecond == 634)
        #expect(summary.isClean)
        #expect(summary.lines == 6)
        #expect(summary.readSentences == 4)
        #expect(summary.skippedSentences == 1)
        #expect(summary.shipMessages == 1)
    }

    @Test func `hemispheres give signs and minutes are rounded half to even`() throws {
        let (fixes, _) = try read([
            line("GNRMC,000000,A,0000.00003,S,00000.000090,W,,,010124,,,D"),
            line("GNRMC,000001,A,8959.9999999,N,17959.999999999,W,,,010124,,,D"),
        ])
        // 0.00003' is exactly 5 units; 0.00009' is 15.
        #expect(fixes.map(\.coordinate.latitude) == [-5, 900_000_000])
        #expect(fixes.map(\.coordinate.longitude) == [-15, -1_800_000_000])
        #expect(fixes.map(\.quality) == [.differential, .differential])
    }

    @Test func `midnight passes without a date`() throws {
        let (fixes, _) = try read([
            rmc("235958.00", "311223"), gga("235959.00"), gga("000000.00"), gga("000001.00"),
            gga("235959.50"), gga("120000.00"), gga("000002.00"),
        ])
        #expect(
            try fixes.map(\.time) == [
                instant("2023-12-31T23:59:58Z"), instant("2023-12-31T23:59:59Z"),
                instant("2024-01-01T00:00:00Z"), instant("2024-01-01T00:00:01Z"),
                instant("2023-12-31T23:59:59.5Z"), instant("2024-01-01T12:00:00Z"),
                instant("2024-01-01T00:00:02Z"),
            ]
        )
    }

    @Test func `fixes before the first date are dated backwards`() throws {
        let (fixes, summary) = try read([
            gga("235958"), gga("235959"), gga("000000"), line("GPZDA,000001,01,03,24,,"),
            gga("000002"),
        ])
        #expect(
            try fixes.map(\.time) == [
                instant("2024-02-29T23:59:58Z"), instant("2024-02-29T23:59:59Z"),
                instant("2024-03-01T00:00:00Z"), instant("2024-03-01T00:00:02Z"),
            ]
        )
        #expect(summary.fixesWithoutTime == 0)
    }

    @Test func `a log without a date gives fixes without time`() throws {
        let (fixes, summary) = try read([
            gga("235958"), gga("235959"), line("GPGLL,3052.5,N,12006.0,E,,A"),
        ])
        #expect(fixes.count == 2)
        #expect(summary.fixesWithoutTime == 2)
        let limits = NMEALimits(undatedFixesMax: 2)
        let (some, _) = try read(
            [gga("000000"), gga("000001"), gga("000002"), rmc("000003", "010124")],
            limits: limits
        )
        #expect(some.map { $0.time == nil } == [true, true, false, false])
    }

    @Test func `two digits of a year begin with 1980`() throws {
        let (fixes, _) = try read([rmc("000000", "060180"), rmc("000000.5", "311279")])
        #expect(
            try fixes.map(\.time) == [
                instant("1980-01-06T00:00:00Z"), instant("2079-12-31T00:00:00.5Z"),
            ]
        )
    }

    @Test func `void positions are counted and give no fix`() throws {
        let (fixes, summary) = try read([
            gga("000000", quality: "0"), rmc("000001", "010124", status: "V"),
            line("GPGLL,,,,,000002,V,N"), line("GPRMC,000003,A,3052.5,N,12006.0,E,,,010124,,,N"),
        ])
        #expect(fixes.isEmpty)
        #expect(summary.voidSentences == 4)
        let (warned, _) = try read([gga("000000"), rmc("000000", "010124", status: "V")])
        #expect(warned.map(\.hasWarning) == [true])
    }

    @Test func `broken lines are counted and named, the others read`() throws {
        let good = gga("000000")
        let bad = good.replacing("*", with: "0*")
        let (fixes, summary) = try read([
            good, bad, "$GPGGA,1\r\n", "garbage\r\n", "\r\n",
            line("GPGGA,000001,9052.5,N,12006,E,1,,,,,,,,"),
            line("GPGGA,000001,3060.0,N,12006,E,1,,,,,,,,"), line("GPRMC,000001,X,,,,,,,,,,"),
            line("GPGGA,250001,3052.5,N,12006,E,1,,,,,,,,"), line("GPRMC,000001,A,,,,,,,320124,,"),
            "$" + String(repeating: "A", count: 2000) + "\n", line("GP\u{E9}"),
            rmc("000002", "010124"),
        ])
        #expect(fixes.count == 2)
        #expect(summary.badChecksums == 1)
        #expect(summary.missingChecksums == 1)
        #expect(summary.malformedLines == 8)
        #expect(summary.problems.map(\.line) == [2, 3, 4, 6, 7, 8, 9, 10, 11, 12])
        #expect(summary.problems[0].expected.hasPrefix("*"))
        #expect(!summary.isClean)
    }

    @Test func `tag blocks are passed over, proprietary sentences skipped`() throws {
        let (fixes, summary) = try read([
            "\\s:r1,c:1*00\\" + rmc("000000", "010124"), line("PGRME,15.0,M,45.0,M,25.0,M"),
            line(""),
            line("GP"), "\\no end\r\n",
        ])
        #expect(fixes.count == 1)
        #expect(summary.skippedSentences == 3)
        #expect(summary.malformedLines == 1)
    }

    @Test func `problems and lines are limited`() throws {
        let (_, summary) = try read(
            Array(repeating: "x\n", count: 50),
            limits: NMEALimits(problemsMax: 3)
        )
        #expect(summary.problems.count == 3)
        #expect(summary.malformedLines == 50)
        let error = fault { () throws(InterchangeError) in
            _ = try NMEAReader.read("\n\n\n".bytes, limits: NMEALimits(linesMax: 2))
        }
        #expect(error?.code == .limitExceeded)
        #expect(error?.line == 3)
    }

    @Test func `the fixes are the same whatever the chunks, and nothing traps`() throws {
        let bytes = [gga("235959"), rmc("235959", "311223"), gga("000000"), "x\n", gga("000001")]
            .joined().bytes
        let whole = try NMEAReader.read(bytes)
        #expect(whole.fixes.count == 3)
        for chunk in 1...bytes.count {
            var reader = NMEAReader()
            var fixes: [NMEAFix] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                fixes += try reader.append(rest.prefix(chunk))
                rest = rest.dropFirst(chunk)
            }
            fixes += try reader.finish()
            #expect(fixes == whole.fixes)
            #expect(reader.summary == whole.summary)
        }
        for text in Hostile.truncations(of: bytes) { _ = try NMEAReader.read(text) }
    }

    @Test func `sentences with any fields do not trap`() throws {
        var random = SplitMix(seed: 7)
        let fields = [
            "", "0", "1", "A", "V", "N", "S", "E", "W", "000000", "235960", "99999999999999999999",
            "-1", "3052.5", "9000.0", "18000.00000000001", "1e99", ".", "-", "010124", "310299",
            "é",
        ]
        let types = ["GPGGA", "GPRMC", "GPGLL", "GPZDA"]
        let log = (0..<3000)
            .map { _ in
                let count = random.below(16)
                let list = (0..<count).map { _ in fields[random.below(fields.count)] }
                return line(([types[random.below(4)]] + list).joined(separator: ","))
            }
        let (_, summary) = try read(log)
        #expect(summary.lines == 3000)
    }
}
