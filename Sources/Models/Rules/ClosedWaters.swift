public import Replication

/// A closure that an act falls under.
public struct ClosureHit: Hashable, Sendable {
    /// What kind of closure it is, as 法释〔2022〕12号 article 3 tells them apart.
    public enum Kind: Hashable, Sendable {
        /// 禁渔区: closed all year.
        case area
        /// 禁渔期: closed in a season.
        case season
    }

    /// How the water was found.
    public enum Ground: Hashable, Sendable {
        /// The officer named it.
        case named
        /// The place lies in the coarse box around it: to be confirmed by the officer.
        case withinBox
    }

    /// The closure.
    public let closure: Closure
    /// What kind it is.
    public let kind: Kind
    /// How the water was found.
    public let ground: Ground

    /// Makes a hit.
    public init(closure: Closure, kind: Kind, ground: Ground) {
        self.closure = closure
        self.kind = kind
        self.ground = ground
    }
}

/// Where and when fishing is forbidden (渔业法 article 44), answered without a network.
public struct ClosedWaters: Sendable {
    private let catalogue: Catalogue
    private let zoneMinutes: Int

    /// Makes the rule of a catalogue's waters and closures.
    public init(_ catalogue: Catalogue, zoneMinutes: Int = District.timeZoneMinutes) {
        self.catalogue = catalogue
        self.zoneMinutes = zoneMinutes
    }

    /// Looks an act up.
    ///
    /// A closure runs from 0:00 of its first day to 24:00 of its last one, local time: 06-30 24:00
    /// is open. A method that the closure leaves free is no hit; an unknown method is one.
    ///
    /// - Parameters:
    ///   - water: the key of the water, where the officer knows it. It decides; the place is then
    ///     not asked.
    ///   - place: where, WGS-84. Positions of another datum than WGS-84 and CGCS2000 find nothing.
    ///   - time: when the act took place.
    ///   - method: how.
    /// - Returns: the closures that the act falls under, by key; none when it is free.
    public func check(
        water: String = "",
        place: Position? = nil,
        time: WallTime,
        method: FishingMethod?
    ) -> [ClosureHit] {
        guard let day = CivilDate(milliseconds: time.milliseconds, zoneMinutes: zoneMinutes) else {
            return []
        }
        let ground: ClosureHit.Ground = water.isEmpty ? .withinBox : .named
        return catalogue.closures.compactMap { closure in
            let isThere =
                water.isEmpty
                ? catalogue.water(closure.water)?.boxContains(place) ?? false
                : closure.water == water
            guard isThere, let kind = closure.kind(on: day),
                !closure.leavesFree(method)
            else { return nil }
            return ClosureHit(closure: closure, kind: kind, ground: ground)
        }
    }

    /// Whether nobody can say if fishing is forbidden where a finding was made.
    ///
    /// A water that the catalogue says nothing of is not open: most notices were read in press
    /// reports only. Without a named water the coarse boxes can find a closure and never rule one
    /// out.
    public func isUnknown(_ finding: Finding) -> Bool {
        guard finding.water.isEmpty else {
            let rule = catalogue.water(finding.water)?.closureRule
            return rule == nil || rule == "unknown" || rule == "outside"
        }
        return finding.method != nil && check(finding).isEmpty && finding.method != .angling
    }

    /// The closures that a finding falls under.
    public func check(_ finding: Finding) -> [ClosureHit] {
        guard let time = finding.actTime else { return [] }
        return check(
            water: finding.water,
            place: finding.position,
            time: time,
            method: finding.method
        )
    }
}

extension Closure {
    /// What closes the water on a day; nil when it is open.
    public func kind(on day: CivilDate) -> ClosureHit.Kind? {
        guard let validFrom, validFrom <= day, validTo.map({ day < $0 }) ?? true else { return nil }
        if allYear { return .area }
        guard let seasonFrom, let seasonTo else { return nil }
        let today = day.monthDay
        let isClosed =
            seasonFrom <= seasonTo
            ? seasonFrom <= today && today <= seasonTo
            // A season over New Year: from November to February.
            : seasonFrom <= today || today <= seasonTo
        return isClosed ? .season : nil
    }

    /// Whether a method stays free.
    ///
    /// Angling with several rods is not recreational angling.
    func leavesFree(_ method: FishingMethod?) -> Bool {
        guard let method else { return false }
        return allow.words.contains(method.rawValue)
    }
}

extension Water {
    /// Whether a place lies in the box around the water, its edges included.
    func boxContains(_ place: Position?) -> Bool {
        guard let place, place.datum == .wgs84 || place.datum == .cgcs2000, let west, let south,
            let east, let north
        else { return false }
        return south <= place.latitude && place.latitude <= north && west <= place.longitude
            && place.longitude <= east
    }
}
