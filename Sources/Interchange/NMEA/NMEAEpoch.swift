/// What the sentences of one moment say, until a sentence of another moment comes.
///
/// The first sentence that says a thing is believed.
struct NMEAEpoch {
    /// Milliseconds of the day.
    var timeOfDay: Int64?
    /// The day number of RMC or ZDA.
    var day: Int64?
    private var line: Int
    private var coordinate: Coordinate?
    private var quality = NMEAQuality.unknown
    private var hasWarning = false
    private var dilution: Int64?
    private var speed: Int64?
    private var course: Int64?
    private var elevation: Int64?
    private var satellites: Int64?

    init(line: Int) { self.line = line }

    /// The position without its time, nil when no sentence had one.
    var fix: NMEAFix? {
        guard let coordinate else { return nil }
        return NMEAFix(
            time: nil,
            coordinate: coordinate,
            quality: quality,
            hasWarning: hasWarning,
            dilutionHundredths: dilution,
            speedMilliknots: speed,
            courseHundredths: course,
            elevation: elevation,
            satellites: satellites,
            line: line
        )
    }

    /// The field of a sentence that holds its time.
    static func timeField(of type: String) -> Int { type == "GLL" ? 5 : 1 }

    /// Takes what a sentence says; false when it says that there is no position now.
    ///
    /// A sentence that cannot be read in any part is refused whole: nothing of it is kept.
    mutating func take(_ sentence: NMEASentence) throws(InterchangeError) -> Bool {
        var copy = self
        let isValid: Bool
        switch sentence.type {
        case "GGA": isValid = try copy.takeGGA(sentence)
        case "RMC": isValid = try copy.takeRMC(sentence)
        case "GLL": isValid = try copy.takeGLL(sentence)
        default:
            try copy.takeZDA(sentence)
            isValid = true
        }
        self = copy
        if !isValid { hasWarning = true }
        return isValid
    }

    private mutating func takeGGA(_ sentence: NMEASentence) throws(InterchangeError) -> Bool {
        guard let digit = sentence.field(6), digit.count == 1, let first = digit.first else {
            throw NMEASentence.malformed(sentence.field(6) ?? [], "quality", "a digit of 0 to 9")
        }
        guard let quality = NMEAQuality(qualityDigit: first) else {
            guard first == Byte.zero else {
                throw NMEASentence.malformed(digit, "quality", "a digit of 0 to 9")
            }
            return false
        }
        // GGA says more about quality than the mode letters of the others do.
        self.quality = quality
        let place = try sentence.coordinate(2)
        coordinate = coordinate ?? place
        satellites = try sentence.decimal(7, scale: 0, name: "satellites")
        dilution = try sentence.decimal(8, scale: 2, name: "hdop")
        elevation = try sentence.decimal(9, scale: GPXPoint.elevationScale, name: "altitude")
        return true
    }

    private mutating func takeRMC(_ sentence: NMEASentence) throws(InterchangeError) -> Bool {
        if let date = sentence.field(9) {
            guard date.count == 6, let day = NMEASentence.twoDigits(date, 0),
                let month = NMEASentence.twoDigits(date, 2),
                let year = NMEASentence.twoDigits(date, 4)
            else { throw NMEASentence.malformed(date, "date", "ddmmyy") }
            try takeDate(year: year, month: month, day: day)
        }
        let mode = sentence.field(12)?.first.map { NMEAQuality(modeLetter: $0) }
        guard try isActive(sentence.field(2)), mode != .some(nil) else { return false }
        try takePosition(sentence.coordinate(3), mode: mode ?? nil)
        let knots = try sentence.decimal(7, scale: 3, name: "speed")
        let degrees = try sentence.decimal(8, scale: 2, name: "course")
        speed = speed ?? knots
        course = course ?? degrees
        return true
    }

    private mutating func takeGLL(_ sentence: NMEASentence) throws(InterchangeError) -> Bool {
        let mode = sentence.field(7)?.first.map { NMEAQuality(modeLetter: $0) }
        // Receivers before NMEA 2.0 write no status.
        let status = sentence.field(6)
        let isActive = status == nil ? true : try isActive(status)
        guard isActive, mode != .some(nil) else { return false }
        try takePosition(sentence.coordinate(1), mode: mode ?? nil)
        return true
    }

    private mutating func takeZDA(_ sentence: NMEASentence) throws(InterchangeError) {
        guard let day = try sentence.digits(2, name: "day"),
            let month = try sentence.digits(3, name: "month"),
            let year = try sentence.digits(4, name: "year")
        else { return }
        try takeDate(year: year, month: month, day: day)
    }

    private mutating func takePosition(_ place: Coordinate?, mode: NMEAQuality?) {
        coordinate = coordinate ?? place
        if quality == .unknown, let mode { quality = mode }
    }

    /// Two digits of a year count from 1980, when GPS began, to 2079.
    private mutating func takeDate(
        year: Int,
        month: Int,
        day: Int
    ) throws(InterchangeError) {
        let century = year >= 100 ? 0 : year >= 80 ? 1900 : 2000
        let date = try CivilDate(year: century + year, month: month, day: day)
        self.day = self.day ?? date.daysSince1970
    }

    private func isActive(_ field: ArraySlice<UInt8>?) throws(InterchangeError) -> Bool {
        if field?.elementsEqual("A".utf8) == true { return true }
        if field?.elementsEqual("V".utf8) == true { return false }
        throw NMEASentence.malformed(field ?? [], "status", "A or V")
    }
}
