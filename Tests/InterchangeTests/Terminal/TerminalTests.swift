import Testing

@testable import Interchange

struct TextWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("织里镇", 6), ("ａ！", 4), ("e\u{301}", 1), ("é", 1), ("ｱ", 1), ("🚀", 2),
        ("👩‍👩‍👧", 2), ("🇨🇳", 2), ("1️⃣", 2), ("☎️", 2), ("☎", 1), ("…", 1), ("한국", 4), ("한", 2),
        ("\u{200B}", 0), ("\u{1B}", 0), ("\u{FEFF}", 0), ("𠮷", 2), ("👍🏽", 2), ("。", 2),
        ("\u{AD}", 1),
    ])
    func `columns`(text: String, columns: Int) {
        #expect(TextWidth.columns(of: text) == columns)
    }

    @Test func `text is cut between characters and filled by columns`() {
        #expect(TextWidth.truncated("织里镇", to: 6) == "织里镇")
        #expect(TextWidth.truncated("织里镇", to: 5) == "织里…")
        #expect(TextWidth.truncated("织里镇", to: 4) == "织…")
        #expect(TextWidth.truncated("织里镇", to: 1) == "…")
        #expect(TextWidth.truncated("织里镇", to: 0) == "")
        #expect(TextWidth.truncated("织里镇", to: -5) == "")
        #expect(TextWidth.padded("镇", to: 4) == "镇  ")
        #expect(TextWidth.padded("镇", to: 4, alignment: .right) == "  镇")
        #expect(TextWidth.padded("镇", to: 1) == "镇")
    }

    @Test func `what would steer the terminal is shown instead`() {
        #expect(TextWidth.harmless("a\u{1B}[31mb\r\n\u{7F}") == "a␛[31mb␍␊␡")
        #expect(TextWidth.harmless("\u{202E}abc\u{9B}") == "�abc�")
        #expect(TextWidth.harmless("织里 🚀") == "织里 🚀")
    }
}

struct TextTableTests {
    private func table() -> TextTable {
        var table = TextTable(columns: [
            .init("镇"), .init("count", alignment: .right), .init("note", columnsMax: 8),
        ])
        table.append(["织里镇", "7", "a long remark"])
        table.append(["x", TextTable.Cell("1234567", style: .red)])
        table.append(["\u{1B}[2J", "", "", "left out"])
        return table
    }

    @Test func `columns stand straight with full-width characters`() {
        let expected = """
            镇        count  note
            ------  -------  --------
            织里镇        7  a long …
            x       1234567
            ␛[2J

            """
        #expect(table().text() == expected)
        #expect(table().rowCount == 3)
    }

    @Test func `a narrow terminal never cuts a column that must stay whole`() {
        var table = TextTable(columns: [.init("编号", isWhole: true), .init("note")])
        table.append(["f7k2m9q0", "a long remark"])
        let lines = table.text(columnsMax: 14).split(separator: "\n")
        #expect(lines.last == "f7k2m9q0  a l…")
        #expect(table.text(columnsMax: 3).contains("f7k2m9q0  a l…"))
    }

    @Test func `a narrow terminal takes from the widest column`() {
        let text = table().text(columnsMax: 18)
        for line in text.split(separator: "\n") {
            #expect(TextWidth.columns(of: String(line)) <= 18)
        }
        #expect(text.contains("1234…"))
        #expect(!table().text(columnsMax: -1).isEmpty)
    }

    @Test func `colours are only where they are wanted`() {
        #expect(!table().text().contains("\u{1B}"))
        #expect(table().text(isColoured: true).contains("\u{1B}[31m1234567\u{1B}[0m"))
    }

    @Test func `a table without columns or rows is no trap`() {
        #expect(TextTable(columns: []).text() == "\n\n")
        #expect(TextTable(columns: [.init("a", columnsMax: 0)]).text() == "a\n-\n")
    }
}

struct ProgressBarTests {
    private func state(
        _ done: Int64,
        _ total: Int64,
        bytes: Int64 = 0,
        elapsed: Int64 = 0
    ) -> ProgressBar.State {
        .init(phase: "上传", done: done, of: total, bytes: bytes, elapsedMilliseconds: elapsed)
    }

    @Test func `a line says what is known`() {
        let bar = ProgressBar(labels: .chinese)
        #expect(
            bar.line(state(12, 24, bytes: 1_258_291, elapsed: 12_000), columns: 80)
                == "上传 [###############---------------]  50% 12/24 1.2 MB 0:12 剩余 0:12 102 KB/秒"
        )
        #expect(
            ProgressBar().line(state(5, 0, bytes: 100, elapsed: 1000), columns: 80)
                == "上传 5 100 B 0:01 100 B/s"
        )
    }

    @Test func `the line keeps its width at every width`() {
        for columns in -1...120 {
            let states = [
                state(1, 3, bytes: 5000, elapsed: 61_000), state(0, 0),
                state(.max, .max, bytes: .max, elapsed: .max),
                state(1, .max, bytes: .max, elapsed: .max), state(-5, -1, bytes: -1, elapsed: -1),
                state(9, 3),
                state(.min, .max, bytes: .min, elapsed: .min),
                state(1, .max, bytes: 1, elapsed: .max),
            ]
            for state in states {
                let line = ProgressBar().line(state, columns: columns)
                #expect(TextWidth.columns(of: line) <= max(columns, 0))
            }
        }
    }

    @Test func `100 % means all`() {
        #expect(ProgressBar().line(state(999_999, 1_000_000), columns: 80).contains(" 99%"))
        #expect(ProgressBar().line(state(1_000_000, 1_000_000), columns: 80).contains("100%"))
    }
}

struct FormatTests {
    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1536, "1.5 KB"), (10_188, "9.9 KB"),
            (10_240, "10 KB"), (1_048_064, "1.0 MB"), (1_048_063, "1023 KB"), (20_971_520, "20 MB"),
            (.max, "8.0 EB"), (-5, "0 B"),
        ] as [(Int64, String)]
    )
    func `sizes`(bytes: Int64, text: String) {
        #expect(SizeFormat.text(bytes: bytes) == text)
    }

    @Test(
        arguments: [
            (0, "0 ms", "0:00"), (999, "999 ms", "0:00"), (12_345, "12.3 s", "0:12"),
            (245_000, "4 min 05 s", "4:05"), (11_220_000, "3 h 07 min", "3:07:00"),
            (183_600_000, "2 d 03 h", "51:00:00"), (-1, "0 ms", "0:00"),
        ] as [(Int64, String, String)]
    )
    func `durations`(milliseconds: Int64, text: String, clock: String) {
        #expect(DurationFormat.text(milliseconds: milliseconds) == text)
        #expect(DurationFormat.clock(milliseconds: milliseconds) == clock)
    }

    @Test func `durations in Chinese, and of any length`() {
        #expect(DurationFormat.text(milliseconds: 245_000, units: .chinese) == "4 分 05 秒")
        #expect(!DurationFormat.text(milliseconds: .max).isEmpty)
        #expect(!DurationFormat.clock(milliseconds: .min).isEmpty)
    }
}
