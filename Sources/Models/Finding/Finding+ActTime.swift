public import Replication

extension Finding {
    /// When the act was seen: by satellite where there was one, because a device's clock can be
    /// wrong by hours (case C08); else by the device.
    public var actTime: WallTime? { gnssTime ?? observedAt }

    /// The day of the act by the district's time, whose law decides (行政处罚法 article 37).
    public var actDay: CivilDate? {
        actTime.flatMap {
            CivilDate(milliseconds: $0.milliseconds, zoneMinutes: District.timeZoneMinutes)
        }
    }
}
