import Testing

@testable import Interchange

struct ScaledDecimalTests {
    @Test(
        arguments: [
            ("0", 7, 0), ("-0", 7, 0), ("+1", 0, 1), ("1.", 1, 10), (".5", 1, 5),
            ("120.1134567", 7, 1_201_134_567),
            ("-1.5", 3, -1500), ("1e2", 0, 100), ("1E-7", 7, 1), ("12.5e1", 0, 125),
            ("000123.4500", 2, 12345),
            ("9223372036854775807", 0, .max), ("-9223372036854775808", 0, .min),
            ("0.000000000000000001", 18, 1), ("0e999999999999", 7, 0),
            ("-922337203685477580.8", 1, .min),
        ] as [(String, Int, Int64)]
    )
    func `exact numbers are read exactly`(text: String, scale: Int, units: Int64) throws {
        let value = try ScaledDecimal.parse(text, scale: scale)
        #expect(value.units == units)
        #expect(value.isExact)
        #expect(!value.isRoundedTowardsZero)
    }

    @Test(
        arguments: [
            ("0.5", 0, 0, true), ("1.5", 0, 2, false), ("2.5", 0, 2, true),
            ("2.50001", 0, 3, false),
            ("-1.5", 0, -2, false), ("-2.5", 0, -2, true), ("0.49", 0, 0, true),
            ("0.05", 0, 0, true),
            ("35.3848239333333", 7, 353_848_239, true), ("0.9", 0, 1, false),
            ("1e-99999", 7, 0, true),
            ("99.95", 1, 1000, false), ("99.85", 1, 998, true),
        ] as [(String, Int, Int64, Bool)]
    )
    func `digits beyond the scale are rounded half to even and it is said`(
        text: String,
        scale: Int,
        units: Int64,
        isRoundedTowardsZero: Bool
    ) throws {
        let value = try ScaledDecimal.parse(text, scale: scale)
        #expect(value.units == units)
        #expect(!value.isExact)
        #expect(value.isRoundedTowardsZero == isRoundedTowardsZero)
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "1 ", " 1", "1,5", "0x10", "1.2.3", "--1", "NaN",
        "inf", "１", "1\0",
    ])
    func `what is no number is refused`(text: String) {
        let error = fault { () throws(InterchangeError) in
            _ = try ScaledDecimal.parse(text, scale: 7)
        }
        #expect(error?.code == .malformed)
    }

    @Test(arguments: [
        ("9223372036854775808", 0), ("-9223372036854775809", 0), ("9223372036854775807.5", 0),
        ("922337203686", 7), ("1e19", 0), ("1e999999999999999999999", 0), ("1", 19), ("1", -1),
    ])
    func `what does not fit is refused`(text: String, scale: Int) {
        let error = fault { () throws(InterchangeError) in
            _ = try ScaledDecimal.parse(text, scale: scale)
        }
        #expect(error?.code == .outOfRange)
    }

    @Test func `a number of any length is bounded`() throws {
        let long = "0." + String(repeating: "0", count: 900) + "1"
        #expect(try ScaledDecimal.parse(long, scale: 7).units == 0)
        let longer = String(repeating: "1", count: 100_000)
        let error = fault { () throws(InterchangeError) in
            _ = try ScaledDecimal.parse(longer, scale: 7)
        }
        #expect(error?.code == .limitExceeded)
    }

    @Test func `the text reads back to the same units`() throws {
        var random = SplitMix(seed: 4)
        for scale in 0...18 {
            var samples: [Int64] = [0, 1, -1, 9, 10, -10, 100, .max, .min, .min + 1]
            for _ in 0..<100 {
                samples.append(Int64(bitPattern: random.next() >> random.below(64)))
            }
            for units in samples {
                let value = ScaledDecimal(units: units, scale: scale)
                #expect(try ScaledDecimal.parse(value.text, scale: scale) == value)
                #expect(!value.text.hasSuffix("."))
            }
        }
        #expect(ScaledDecimal(units: 309_300_000, scale: 7).text == "30.93")
        #expect(ScaledDecimal(units: -1, scale: 7).text == "-0.0000001")
        #expect(ScaledDecimal(units: 1_200_000_000, scale: 7).text == "120")
    }

    @Test func `coordinates are checked on the text, not on what it is rounded to`() throws {
        let edge = try Coordinate.parse(latitude: "89.99999999", longitude: "-180")
        #expect(edge.coordinate.latitude == Coordinate.latitudeMax)
        #expect(!edge.isExact)
        for (latitude, longitude, field) in [
            ("90.00000001", "0", "lat"), ("-90.1", "0", "lat"), ("0", "180.00000001", "lon"),
            ("0", "-1e300", "lon"), ("922337203685.4775808", "0", "lat"),
            ("-922337203685.4775808", "0", "lat"),
        ] {
            let error = fault { () throws(InterchangeError) in
                _ = try Coordinate.parse(latitude: latitude, longitude: longitude)
            }
            #expect(error?.code == .outOfRange)
            #expect(error?.field == field)
        }
    }
}
