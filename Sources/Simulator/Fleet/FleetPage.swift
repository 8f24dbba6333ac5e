/// A run's report as one HTML file that opens offline: no script, no font, no address.
public struct FleetPage {
    private let reports: [FleetReport]

    /// Makes a page of the runs of one scenario.
    public init(_ reports: [FleetReport]) { self.reports = reports }

    /// The page's text.
    public var html: String {
        var body = "<h1>\(escaped(reports.first?.scenario ?? "no run"))</h1>\n" + verdict
        for report in reports.prefix(20) { body += section(report) }
        if reports.count > 20 { body += "<p>… and \(reports.count - 20) more runs.</p>\n" }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>field simulate</title><style>
            body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
            color:#222;background:#fff}
            table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.15rem .8rem .15rem 0;\
            text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}
            .bad{color:#b00020}.good{color:#1a7f37}svg{display:block;margin:.5rem 0}
            section{border-top:1px solid #ccc;margin-top:1.5rem}
            @media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}
            </style></head><body>
            \(body)</body></html>

            """
    }

    private var verdict: String {
        let broken = reports.filter { !$0.isKept }
        if broken.isEmpty {
            return "<p class=\"good\">\(reports.count) runs kept every promise.</p>\n"
        }
        return "<p class=\"bad\">\(broken.count) of \(reports.count) runs broke a promise.</p>\n"
    }

    private func section(_ report: FleetReport) -> String {
        var text = "<section><h2>seed \(report.seed)</h2>\n"
        for violation in report.violations {
            text += "<p class=\"bad\">\(escaped("\(violation)"))</p>\n"
        }
        text += "<p>\(report.devices) devices, \(report.writes) changes, "
        text += "\(report.finished) of \(report.exchanges) exchanges finished, digest "
        text += "<code>\(report.digest)</code>; faults: "
        text += report.faults.map(\.rawValue).joined(separator: ", ") + "</p>\n"
        text += "<h3>Convergence</h3>\n" + convergence(report)
        text += "<h3>Bytes by link class</h3>\n" + traffic(report)
        text += "<h3>From the act to the hub</h3>\n" + delays(report)
        text += "<h3>Open conflicts by field</h3>\n"
        text += bars(report.conflicts.map { ($0.name, $0.count) }, unit: "")
        text += "<h3>What happened</h3>\n"
        let counts = report.counts.sorted { $0.name < $1.name }
        return text + bars(counts.map { ($0.name, $0.count) }, unit: "") + "</section>\n"
    }

    /// Waiting changes over time.
    private func convergence(_ report: FleetReport) -> String {
        let (width, height) = (760, 160)
        let most = max(report.samples.map(\.waiting).max() ?? 1, 1)
        let end = max(report.samples.last?.at ?? 1, 1)
        let points = report.samples.map { sample in
            let x = Int64(width) * sample.at / end
            let y = Int64(height) - Int64(height) * sample.waiting / most
            return "\(x),\(y)"
        }
        return """
            <svg width="\(width)" height="\(height + 22)" viewBox="0 -2 \(width) \(height + 24)" \
            role="img" aria-label="changes that wait, over time">
            <polyline fill="none" stroke="#1f6feb" stroke-width="2" \
            points="\(points.joined(separator: " "))"/>
            <line x1="0" y1="\(height)" x2="\(width)" y2="\(height)" stroke="#999"/>
            <text x="0" y="12" font-size="12" fill="#888">\(most) changes wait</text>
            <text x="0" y="\(height + 16)" font-size="12" fill="#888">start</text>
            <text x="\(width)" y="\(height + 16)" font-size="12" fill="#888" text-anchor="end">\
            day \(end / 86_400_000); all equal \((report.endedAt - report.length) / 60_000) minutes \
            after the faults</text>
            </svg>

            """
    }

    private func traffic(_ report: FleetReport) -> String {
        var text = "<table><tr><th>link</th><th>up</th><th>down</th><th>messages</th></tr>\n"
        for link in report.traffic {
            text += "<tr><td>\(escaped(link.link))</td><td class=\"n\">\(link.up)</td>"
            text += "<td class=\"n\">\(link.down)</td><td class=\"n\">\(link.messages)</td></tr>\n"
        }
        return text + "</table>\n"
    }

    private func delays(_ report: FleetReport) -> String {
        let limits: [(name: String, most: Int64)] = [
            ("to 1 minute", 60_000), ("to 10 minutes", 600_000), ("to 1 hour", 3_600_000),
            ("to 6 hours", 21_600_000), ("to 1 day", 86_400_000), ("to 7 days", 604_800_000),
            ("longer", .max),
        ]
        var least: Int64 = .min
        var rows: [(String, Int)] = []
        for limit in limits {
            rows.append((limit.name, report.delays.count { $0 > least && $0 <= limit.most }))
            least = limit.most
        }
        return bars(rows, unit: "changes")
    }

    private func bars(_ rows: [(name: String, count: Int)], unit: String) -> String {
        guard let most = rows.map(\.count).max(), most > 0 else { return "<p>none</p>\n" }
        let height = rows.count * 20
        var text = "<svg width=\"760\" height=\"\(height)\" role=\"img\">\n"
        for (index, row) in rows.enumerated() {
            let y = index * 20
            let width = 420 * row.count / most
            text += "<text x=\"0\" y=\"\(y + 14)\" font-size=\"12\" fill=\"#888\">"
            text += "\(escaped(row.name))</text>"
            text +=
                "<rect x=\"200\" y=\"\(y + 3)\" width=\"\(width)\" height=\"13\" fill=\"#1f6feb\"/>"
            text += "<text x=\"\(206 + width)\" y=\"\(y + 14)\" font-size=\"12\" fill=\"#888\">"
            text += "\(row.count) \(unit)</text>\n"
        }
        return text + "</svg>\n"
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }
}
