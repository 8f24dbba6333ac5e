public import Replication

extension MeasureUnit {
    /// A weight in kilograms, three digits after the point, rounded up; zero for what is no weight.
    public static func kilograms(of quantity: ScaledDecimal?, _ unit: MeasureUnit?) -> ScaledDecimal
    {
        guard let units = quantity?.units, units > 0, let unit else {
            return ScaledDecimal(units: 0)
        }
        switch unit.canonical {
        case .kilogram: return ScaledDecimal(units: units)
        case .jin: return ScaledDecimal(units: units / 2 + units % 2)
        case .gram: return ScaledDecimal(units: units / 1_000 + (units % 1_000 > 0 ? 1 : 0))
        case .tonne:
            let (product, overflow) = units.multipliedReportingOverflow(by: 1_000)
            return ScaledDecimal(units: overflow ? Int64.max : product)
        default: return ScaledDecimal(units: 0)
        }
    }
}

extension Measurement {
    /// The subject of a measurement of the whole catch.
    public static let catchSubject = "渔获物"
}
