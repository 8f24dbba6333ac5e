import Interchange
import Models
import Replication

extension Messages {
    static func closed(_ hit: ClosureHit, water: String) -> String {
        let kind =
            hit.kind == .area
            ? words("closed all year", "全年禁渔") : words("closed season", "禁渔期")
        return words(
            "closed water: \(water), \(kind); basis: \(hit.closure.legalBasis)",
            "禁渔水域：\(water)，\(kind)；依据：\(hit.closure.legalBasis)"
        )
    }

    static func threeNo(_ vessel: ThreeNoVessel, _ basis: ThreeNoVessel.Basis) -> String {
        let missing = vessel.missing
            .map { paper -> String in
                switch paper {
                case .name: words("name", "船名号")
                case .port: words("port of registry", "船籍港")
                case .certificate: words("certificates", "船舶证书")
                }
            }
            .joined(separator: words(", ", "、"))
        let text =
            basis == .national
            ? words(
                "渔业法 (2025) 第七十二条第一款: all three missing while fishing",
                "渔业法（2025 修订）第七十二条第一款：三者皆无且从事捕捞"
            )
            : words(
                "浙江省渔港渔业船舶管理条例 第四十三条: one missing paper is enough",
                "浙江省渔港渔业船舶管理条例第四十三条：缺一即可没收"
            )
        return words("三无 vessel, without \(missing); \(text)", "三无船舶，缺\(missing)；\(text)")
    }

    static func crime(_ reason: CrimeReason) -> String {
        let text =
            switch reason {
            case .weight: words("(一) 500 kg of fish or more", "（一）渔获物五百公斤以上")
            case .value: words("(一) fish worth 10,000 yuan or more", "（一）渔获物价值一万元以上")
            case .protectedWeight:
                words("(二) 50 kg or more of protected fish", "（二）苗种、怀卵亲体等五十公斤以上")
            case .protectedValue:
                words("(二) protected fish worth 1,000 yuan or more", "（二）苗种、怀卵亲体等价值一千元以上")
            case .destructiveInClosedArea:
                words(
                    "(三) electricity, poison or explosives in a closed area, any amount",
                    "（三）在禁渔区使用电、毒、炸，不计数量"
                )
            case .destructiveInClosedSeason:
                words(
                    "(四) electricity, poison or explosives in a closed season, any amount",
                    "（四）在禁渔期使用电、毒、炸，不计数量"
                )
            default: reason.rawValue
            }
        return words(
            "crime suspected: 法释〔2022〕12号 第三条\(text)",
            "涉嫌犯罪：法释〔2022〕12号第三条\(text)"
        )
    }

    static var standingFlag: String {
        words(
            "a crime was suspected on earlier facts",
            "此前的事实已触发涉嫌犯罪标记"
        )
    }

    static var crimeDuty: String {
        words(
            "the flag stays; the case goes to the police and no decision is made on the spot "
                + "(行政处罚法 第二十七条、第八十二条)",
            "标记不可撤销；应移送公安，不得当场处罚（行政处罚法第二十七条、第八十二条）"
        )
    }

    static var aggravated: String {
        words(
            "a penalty within the two years before makes it graver",
            "二年内曾受处罚，从重处罚"
        )
    }

    static func law(_ matter: Matter) -> String {
        words(
            "law of the day of the act: \(matter.key) \(matter.name): \(matter.basisLaw)"
                + "\(matter.basisArticle); fine \(fine(matter))",
            "行为日适用：\(matter.key) \(matter.name)：\(matter.basisLaw)\(matter.basisArticle)；"
                + "罚款 \(fine(matter))"
        )
    }

    static func fine(_ matter: Matter) -> String {
        func range(_ low: Int64?, _ high: Int64?) -> String {
            switch (low, high) {
            case (nil, nil): ""
            case (nil, let high?): "≤\(high)"
            case (let low?, nil): "≥\(low)"
            case (let low?, let high?): "\(low)–\(high)"
            }
        }
        guard matter.fineUnit == .yuan else { return matter.fineUnit.rawValue }
        let severe = range(matter.severeFineMinYuan, matter.severeFineMaxYuan)
        let ordinary = range(matter.fineMinYuan, matter.fineMaxYuan)
        if severe.isEmpty { return ordinary }
        return ordinary + words(" (grave: \(severe))", "（情节严重 \(severe)）")
    }

    static func lawHint(_ hint: LawInForce.Hint) -> String {
        switch hint {
        case .amended(let matter, let fines):
            words(
                "amended since: \(matter.basisLaw)\(matter.basisArticle) from "
                    + "\(day(matter)), \(compare(fines)); the milder text governs (行政处罚法 第三十七条)",
                "行为后已修订：\(matter.basisLaw)\(matter.basisArticle)，\(day(matter)) 起，\(compare(fines))；"
                    + "从旧兼从轻（行政处罚法第三十七条）"
            )
        case .repealed:
            words(
                "in force no more today: the act may not be unlawful (行政处罚法 第三十七条)",
                "现已失效：可能不再认定违法（行政处罚法第三十七条）"
            )
        case .pinnedOther(let matter):
            words(
                "the finding was recorded under the version of \(day(matter)), which was not in "
                    + "force on that day",
                "记录时引用的是 \(day(matter)) 版本，行为日不适用该版本"
            )
        case .older(let matter, let fines):
            words(
                "acts before fall under \(matter.basisLaw)\(matter.basisArticle), \(compare(fines))",
                "此前的行为适用 \(matter.basisLaw)\(matter.basisArticle)，\(compare(fines))"
            )
        }
    }

    private static func day(_ matter: Matter) -> String { matter.effectiveFrom?.description ?? "" }

    private static func compare(_ fines: LawInForce.FineComparison) -> String {
        switch fines {
        case .lighter: words("lighter fines", "罚款较轻")
        case .heavier: words("heavier fines", "罚款较重")
        case .same: words("the same fines", "罚款相同")
        case .unclear: words("fines do not compare", "罚款轻重待审核")
        }
    }

    static func routing(_ answer: Routing.Answer) -> String {
        let part =
            switch answer.part {
            case .statutory: words("by law", "法定")
            case .transferred: words("perhaps by transfer", "可能已划转")
            case .assisting: words("assists", "协同")
            }
        return words(
            "organ: \(answer.organ) (\(part); \(answer.rule) \(answer.reason))",
            "单位：\(answer.organ)（\(part)；\(answer.rule) \(answer.reason)）"
        )
    }

    /// A version of a matter for programs.
    static func json(of matter: Matter) -> JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
        return .object([
            "key": .string(matter.key), "name": .string(matter.name),
            "domain": .string(matter.domain), "organ": .string(matter.organ),
            "basisLaw": .string(matter.basisLaw), "basisArticle": .string(matter.basisArticle),
            "effectiveFrom": matter.effectiveFrom.map { .string($0.description) } ?? .null,
            "effectiveTo": matter.effectiveTo.map { .string($0.description) } ?? .null,
            "penaltyText": .string(matter.penaltyText),
            "fineMinYuan": number(matter.fineMinYuan), "fineMaxYuan": number(matter.fineMaxYuan),
            "severeFineMinYuan": number(matter.severeFineMinYuan),
            "severeFineMaxYuan": number(matter.severeFineMaxYuan),
            "fineUnit": .string(matter.fineUnit.rawValue),
            "measures": .array(matter.measures.words.map { .string($0) }),
            "certainty": .string(matter.certainty.rawValue), "source": .string(matter.source),
        ])
    }
}
