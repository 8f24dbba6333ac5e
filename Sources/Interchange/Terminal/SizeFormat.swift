/// Sizes for people: `512 B`, `1.5 KB`, `20 MB`.
public enum SizeFormat {
    /// The size in the largest unit that leaves at least 1, with one decimal below 10.
    ///
    /// 1 KB is 1,024 bytes, as file managers show it. Halves are rounded up; negative sizes are 0.
    public static func text(bytes: Int64) -> String {
        let bytes = UInt64(max(bytes, 0))
        if bytes < 1024 { return "\(bytes) B" }
        let units = ["KB", "MB", "GB", "TB", "PB", "EB"]
        for (index, unit) in units.enumerated() {
            let shift = UInt64(10 * (index + 1))
            let whole = bytes >> shift
            let rest = bytes & (1 << shift - 1)
            // rest < 2⁶⁰, so ten times it fits.
            let tenths = whole * 10 + (rest * 10 + 1 << (shift - 1)) >> shift
            if tenths < 100 { return "\(tenths / 10).\(tenths % 10) \(unit)" }
            let rounded = whole + rest >> (shift - 1)
            if rounded < 1024 || index == units.count - 1 { return "\(rounded) \(unit)" }
        }
        return "\(bytes) B"
    }
}
