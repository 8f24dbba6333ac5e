/// Shows how far work has come, as one line of a given width.
///
/// A pure function of its input: the caller owns the clock and the terminal. Numbers that cannot
/// be (negative ones, more done than there is) are held to what can be.
public struct ProgressBar: Hashable, Sendable {
    /// How far the work has come.
    public struct State: Hashable, Sendable {
        /// What is being done, in the reader's language.
        public var phase: String
        /// How many steps are done.
        public var done: Int64
        /// How many steps there are; 0 when that is not known.
        public var total: Int64
        /// How many bytes have been moved.
        public var bytes: Int64
        /// How long it has taken.
        public var elapsedMilliseconds: Int64

        /// Makes a state.
        public init(
            phase: String,
            done: Int64,
            of total: Int64,
            bytes: Int64,
            elapsedMilliseconds: Int64
        ) {
            self.phase = phase
            self.done = done
            self.total = total
            self.bytes = bytes
            self.elapsedMilliseconds = elapsedMilliseconds
        }
    }

    /// The words of the line, in the reader's language.
    public struct Labels: Hashable, Sendable {
        /// Stands before the time that is probably left.
        public var remaining: String
        /// Stands behind the bytes of one second.
        public var perSecond: String

        /// Makes labels.
        public init(remaining: String, perSecond: String) {
            self.remaining = remaining
            self.perSecond = perSecond
        }

        /// English words.
        public static let english = Labels(remaining: "left", perSecond: "/s")
        /// Chinese words.
        public static let chinese = Labels(remaining: "剩余", perSecond: "/秒")
    }

    private let labels: Labels

    /// Makes a renderer.
    public init(labels: Labels = .english) {
        self.labels = labels
    }

    /// The line, at most `columns` wide.
    ///
    /// What does not fit is left out, least important first: the rate, the time left, the time
    /// taken, the bytes, the count. The bar takes what is then left over, at most 40 columns.
    public func line(_ state: State, columns: Int) -> String {
        let columns = max(columns, 0)
        let total = max(state.total, 0)
        let done = total > 0 ? min(max(state.done, 0), total) : max(state.done, 0)
        let phase = TextWidth.harmless(state.phase)
        var facts = facts(state, done: done, total: total)
        let fixed = TextWidth.columns(of: phase) + (total > 0 ? " [] 100%".utf8.count + 8 : 0)
        while fixed + width(of: facts) > columns, !facts.isEmpty { facts.removeLast() }
        var line = phase
        if total > 0 {
            let around = TextWidth.columns(of: phase) + " [] 100%".utf8.count
            let room = min(columns - around - width(of: facts), 40)
            if room >= 4 { line += " " + bar(done: done, total: total, columns: room) }
            let percent = String(percent(done: done, total: total))
            line += " " + TextWidth.padded(percent, to: 3, alignment: .right) + "%"
        }
        for fact in facts { line += " " + fact }
        return TextWidth.truncated(line, to: columns)
    }

    private func facts(_ state: State, done: Int64, total: Int64) -> [String] {
        let elapsed = max(state.elapsedMilliseconds, 0)
        let bytes = max(state.bytes, 0)
        var facts = [total > 0 ? "\(done)/\(total)" : "\(done)"]
        facts.append(SizeFormat.text(bytes: bytes))
        facts.append(DurationFormat.clock(milliseconds: elapsed))
        if total > 0, done > 0, done < total, elapsed > 0 {
            let left = Double(elapsed) / Double(done) * Double(total - done)
            let milliseconds = Int64(exactly: left.rounded()) ?? Int64.max
            facts.append(labels.remaining + " " + DurationFormat.clock(milliseconds: milliseconds))
        }
        if bytes > 0, elapsed > 0 {
            let rate = Double(bytes) / Double(elapsed) * 1000
            let whole = Int64(exactly: rate.rounded()) ?? Int64.max
            facts.append(SizeFormat.text(bytes: whole) + labels.perSecond)
        }
        return facts
    }

    private func width(of facts: [String]) -> Int {
        facts.reduce(0) { $0 + 1 + TextWidth.columns(of: $1) }
    }

    /// The share in whole percent, rounded down, so that 100 % means all.
    private func percent(done: Int64, total: Int64) -> Int64 {
        let product = done.multipliedFullWidth(by: 100)
        return total.dividingFullWidth(product).quotient
    }

    private func bar(done: Int64, total: Int64, columns: Int) -> String {
        let product = done.multipliedFullWidth(by: Int64(columns))
        let filled = Int(total.dividingFullWidth(product).quotient)
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: "-", count: columns - filled) + "]"
    }
}
