import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore

/// `field catalogue`: the names and keys that other commands take.
struct CatalogueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalogue",
        abstract: words("List the reference data: keys and names.", "列出参考数据的代号与名称。"),
        discussion: words(
            "Where there is no store yet, what `field init` would load. Matters have commands of their "
                + "own: `field matter search`. Words of fields: `field words`.",
            "尚无存储时，列出 `field init` 将载入的内容。事项另用 `field matter search` 查询；"
                + "字段可用的词请用 `field words`。"
        )
    )

    /// A table of the reference data.
    enum Table: String, CaseIterable, ExpressibleByArgument {
        case towns, waters, organs, officers, species, checklist
    }

    @OptionGroup var options: StoreOptions

    @Argument(
        help: ArgumentHelp(
            words(
                "towns, waters, organs, officers, species or checklist.",
                "towns 镇街、waters 水域、organs 单位、officers 人员、species 物种、checklist 检查项。"
            )
        )
    )
    var table: Table

    @Option(
        help: ArgumentHelp(
            words("Folder of the reference data, in place of the store's.", "参考数据文件夹；代替存储中的数据。")
        ),
        completion: .directory
    )
    var seeds: String?

    func run() throws {
        let output = options.output
        let rows = rows(of: try catalogue())
        var text = TextTable(
            columns: rows.columns.map { .init($0.title, columnsMax: 50) }
        )
        for row in rows.rows {
            text.append(
                row.enumerated()
                    .map { index, cell in .init(cell, style: index == 0 ? .cyan : .plain) }
            )
        }
        output.table(text, whenEmpty: words("No rows.", "没有数据。"))
        output.json(
            .array(
                rows.rows.map { row in
                    var object = JSONObject()
                    for (column, cell) in zip(rows.columns, row) {
                        object[column.name] = .string(cell)
                    }
                    return .object(object)
                }
            )
        )
    }

    private func catalogue() throws -> Catalogue {
        let isStoreThere = FileManager.default.fileExists(atPath: options.folder + "/store.sqlite")
        if seeds == nil, isStoreThere {
            return try CommandContext(options, isReading: true).catalogue()
        }
        return try Seeds.find(seeds).load().catalogue
    }

    /// Rows with their columns, by name and title.
    private struct Rows {
        var columns: [(name: String, title: String)]
        var rows: [[String]]
    }

    private func rows(of catalogue: Catalogue) -> Rows {
        switch table {
        case .towns: towns(catalogue)
        case .waters: waters(catalogue)
        case .organs: organs(catalogue)
        case .officers: officers(catalogue)
        case .species: species(catalogue)
        case .checklist: checklist(catalogue)
        }
    }

    private func towns(_ catalogue: Catalogue) -> Rows {
        Rows(
            columns: [
                ("code", words("code", "代码")), ("name", words("name", "名称")),
                ("kind", words("kind", "类别")), ("status", words("status", "状态")),
                ("successor", words("successor", "后继代码")),
            ],
            rows: catalogue.towns.map { [$0.code, $0.name, $0.kind, $0.status, $0.successor] }
        )
    }

    private func waters(_ catalogue: Catalogue) -> Rows {
        Rows(
            columns: [
                ("key", words("key", "代号")), ("name", words("name", "名称")),
                ("kind", words("kind", "类别")), ("closure", words("closed", "禁渔")),
                ("reserve", words("reserve", "种质资源保护区")),
                ("certainty", words("certainty", "可靠性")),
            ],
            rows: catalogue.waters.map { water in
                let closures = catalogue.closures(of: water.key)
                let closure =
                    closures.contains { $0.allYear }
                    ? words("all year", "全年")
                    : closures.first
                        .map {
                            "\($0.seasonFrom?.description ?? "") – "
                                + "\($0.seasonTo?.description ?? "")"
                        } ?? words("not known", "不清楚")
                let reserve =
                    water.isReserve.map { $0 ? words("yes", "是") : words("no", "否") }
                    ?? words("not known", "不清楚")
                return [
                    water.key, water.name, water.kind, closure, reserve,
                    water.certainty.rawValue,
                ]
            }
        )
    }

    private func organs(_ catalogue: Catalogue) -> Rows {
        Rows(
            columns: [
                ("key", words("key", "代号")), ("name", words("name", "名称")),
                ("kind", words("kind", "类别")), ("parent", words("parent", "上级")),
                ("certainty", words("certainty", "可靠性")),
            ],
            rows: catalogue.organs.map {
                [$0.key, $0.name, $0.kind, $0.parent, $0.certainty.rawValue]
            }
        )
    }

    private func officers(_ catalogue: Catalogue) -> Rows {
        Rows(
            columns: [
                ("number", words("number", "编号")), ("name", words("name", "姓名")),
                ("organ", words("organ", "单位")), ("team", words("team", "队伍")),
                ("town", words("town", "镇街")), ("role", words("role", "角色")),
                ("certificateValidTo", words("certificate to", "证件有效期至")),
            ],
            rows: catalogue.officers.map {
                [
                    $0.number, $0.name, $0.organ, $0.team, $0.town, $0.role.rawValue,
                    $0.certificateValidTo?.description ?? "",
                ]
            }
        )
    }

    private func species(_ catalogue: Catalogue) -> Rows {
        Rows(
            columns: [
                ("key", words("key", "代号")), ("name", words("name", "名称")),
                ("protection", words("protection", "保护")),
                ("certainty", words("certainty", "可靠性")),
            ],
            rows: catalogue.species.map {
                [$0.key, $0.name, $0.protection, $0.certainty.rawValue]
            }
        )
    }

    private func checklist(_ catalogue: Catalogue) -> Rows {
        Rows(
            columns: [
                ("checklist", words("checklist", "清单")), ("item", words("item", "序号")),
                ("text", words("text", "内容")), ("organ", words("organ", "单位")),
                ("certainty", words("certainty", "可靠性")),
            ],
            rows: catalogue.checklistItems.map {
                [$0.checklist, String($0.item), $0.text, $0.organ, $0.certainty.rawValue]
            }
        )
    }
}
