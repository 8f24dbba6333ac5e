/// How many rows a listing shows, and the remark where there are more: a cut list that looks whole
/// would hide what was recorded.
struct Listing {
    /// The most rows that are shown.
    let limit: Int

    /// Takes a limit that makes sense.
    init(_ limit: Int) throws {
        guard limit > 0 else {
            throw Failure.input(
                Messages.field("--limit", Messages.wrong(Messages.isNo("\(limit)"), "1 …"))
            )
        }
        self.limit = limit
    }

    /// How many rows to ask for: one more tells whether there are more.
    var asked: Int { limit == Int.max ? limit : limit + 1 }

    /// The rows that are shown.
    func shown<Row>(_ rows: [Row]) -> [Row] { Array(rows.prefix(limit)) }

    /// Says that the list was cut, beside the result, so that it stands with JSON too.
    func remark(_ found: Int, _ output: Output) {
        if found > limit { output.remark(Messages.moreRows(limit)) }
    }
}
