import Foundation
import Interchange

/// What ratios and sizes may be at most: a figure beyond is a change that somebody must want.
///
/// Times are not compared: they are the machine's.
struct Thresholds {
    private let most: [(figure: String, value: Double)]

    /// Reads an object of figures and numbers.
    ///
    /// - Parameter file: its path.
    /// - Throws: `ThresholdError` for what is no such file.
    init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ThresholdError(message: "\(file) cannot be read")
        }
        guard case .object(let object) = try JSONParser().parse([UInt8](data)) else {
            throw ThresholdError(message: "\(file) holds no object of figures")
        }
        most = try object.members.map { member in
            guard let value = member.value.double else {
                throw ThresholdError(message: "\(file): '\(member.key)' is no number")
            }
            return (member.key, value)
        }
    }

    /// What is beyond its threshold, has none, or was not measured.
    func findings(in report: Report) -> [String] {
        let compared = report.lines.filter { $0.unit == "× plain" || $0.unit == "bytes" }
        var findings: [String] = []
        for line in compared {
            guard let most = most.first(where: { $0.figure == line.name })?.value else {
                findings.append("'\(line.name)' has no threshold; it is \(Report.text(line.value))")
                continue
            }
            if line.value > most {
                findings.append(
                    "'\(line.name)' is \(Report.text(line.value)) \(line.unit), over "
                        + "\(Report.text(most))"
                )
            }
        }
        for (figure, _) in most where !compared.contains(where: { $0.name == figure }) {
            findings.append("'\(figure)' was not measured")
        }
        return findings
    }
}

/// A file of thresholds that is none.
struct ThresholdError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}
