import Models
import Replication
import Testing

/// A small catalogue in the columns of the seed files.
enum CatalogueFixture {
    static let organs = table(
        "key,name,kind,parent,certainty,source",
        "qu-zhengfu,区政府,government,,stated,x",
        "nongye-zhifa,区农业行政执法队,team,qu-zhengfu,stated,x",
        "shuili,区水利局,department,qu-zhengfu,uncertain,x"
    )
    static let towns = table(
        "code,name,kind,status,valid_from,valid_to,certainty,source",
        "330502105,东林镇,镇,current,,,stated,x"
    )
    static let retired = table(
        "code,name,district,first_seen,last_seen,successor,certainty,source",
        "330502199,旧镇,,2018-02-04,2020-11-09,330502105,assumed,x",
        "330502198,更旧镇,,2010-01-01,2018-02-03,330502199,assumed,x"
    )
    static let matters = table(
        "key,name,domain,organ,basis_law,basis_article,basis_text_version,effective_from,"
            + "effective_to,penalty_text,fine_min_yuan,fine_max_yuan,unit,measures,certainty,"
            + "source",
        "F01,电鱼,渔业,nongye-zhifa,渔业法(2013修正),第三十八条第一款,2013-12-28,2013-12-28,"
            + "2026-05-01,五万元以下,,50000,yuan,没收渔获物;没收渔船,stated,x",
        "F01,电鱼,渔业,nongye-zhifa,渔业法(2025修订),第七十七条第一款,2025-12-27,2026-05-01,,"
            + "二十万元以下,,200000,yuan,没收渔获物;没收船舶,stated,x",
        "X03,土葬,民政,shuili,殡葬管理条例,第二十条,2012-11-09,2013-01-01,2026-03-30,"
            + "责令改正,,,,,uncertain,x",
        "Y01,某事,水利,shuili,甲法,第一条,2010-01-01,2010-01-01,2020-01-01,一,1000,9000,yuan,,stated,x",
        "Y01,某事,水利,shuili,乙法,第一条,2020-01-01,2020-01-01,,二,500,9000,yuan,,stated,x"
    )
    static let waters = table(
        "key,name,kind,closure_rule,certainty,source,west,south,east,north,bbox_note",
        "dong-tiaoxi,东苕溪,river,tiaoxi,looked-up,x,119.98,30.62,120.12,30.93,x",
        "other,别河,river,spring,looked-up,x,,,,,",
        "winter,冬河,river,winter,looked-up,x,,,,,",
        "free,空河,river,unknown,looked-up,x,121,30.62,121.5,30.93,"
    )
    static let closures = table(
        "key,water,from,to,season_from,season_to,all_year,allow,legal_basis,certainty,source",
        "tiaoxi,dong-tiaoxi,2022-03-01,,,,true,娱乐性游钓,渔业法,looked-up,x",
        "spring,other,2022-03-01,2030-05-01,03-01,06-30,false,娱乐性游钓,渔业法,looked-up,x",
        "winter,winter,2022-03-01,,11-01,02-28,false,,渔业法,looked-up,x"
    )

    static var rows: [CatalogueFile: [CatalogueRow]] {
        [
            .organs: organs, .towns: towns, .retiredCodes: retired, .matters: matters,
            .waters: waters, .closures: closures,
        ]
    }

    static func catalogue() throws -> Catalogue {
        try Catalogue(release: Samples.release, rows: rows)
    }

    /// Rows of a table without quotes.
    static func table(_ header: String, _ lines: String...) -> [CatalogueRow] {
        let names = header.split(separator: ",", omittingEmptySubsequences: false)
        return lines.enumerated()
            .map { index, line in
                let values = line.split(separator: ",", omittingEmptySubsequences: false)
                return CatalogueRow(
                    line: index + 2,
                    values: Dictionary(
                        zip(names.map(String.init), values.map(String.init)),
                        uniquingKeysWith: { $1 }
                    )
                )
            }
    }

    /// The rows with one value of one row changed.
    static func changing(
        _ file: CatalogueFile,
        row: Int,
        _ field: String,
        to value: String?
    ) -> [CatalogueFile: [CatalogueRow]] {
        var rows = rows
        guard let old = rows[file]?[row] else { return rows }
        var values = old.values
        values[field] = value
        rows[file]?[row] = CatalogueRow(line: old.line, values: values)
        return rows
    }

    /// A moment by Beijing time.
    static func moment(_ day: String, hour: Int, minute: Int, second: Int = 0) -> WallTime {
        let start = Samples.date(day).start(zoneMinutes: 480).milliseconds
        return WallTime(milliseconds: start + Int64(hour * 3_600 + minute * 60 + second) * 1_000)
    }
}
