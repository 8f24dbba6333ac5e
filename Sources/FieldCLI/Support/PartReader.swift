import Models
import Replication

/// Reads lines of the catch and gear, as options have them.
struct PartReader {
    let context: CommandContext
    let wordOptions: WordOptions

    /// Reads `鲫鱼=8kg,state=怀卵亲体,value=300`.
    func catchLine(_ text: String) throws -> CatchLine {
        let read = try ArgumentText.amount(text)
        let schema = CatchLine.mapping.schema
        var line = CatchLine()
        line.species = read.what
        line.weight = try Amount.units(read.amount, scale: 3, option: "--catch")
        line.unit = read.unit.isEmpty ? .kilogram : try weightUnit(read.unit)
        line.listedBy = context.device.officer
        for (name, value) in read.details {
            switch name {
            case "state":
                line.state = try wordOptions.word(value, "state", of: schema, option: "--catch")
            case "value":
                line.estimatedValue = try Amount.units(value, scale: 2, option: "--catch")
                line.currency = .yuan
            default:
                throw Failure.input(
                    Messages.field("--catch", Messages.wrong(Messages.isNo(name), "state, value"))
                )
            }
        }
        return line
    }

    /// Reads `地笼=3,banned,length=20,mesh=15`.
    func gearItem(_ text: String) throws -> GearItem {
        let read = try ArgumentText.amount(text)
        guard let count = Int64(read.amount), count <= 100_000 else {
            throw Failure.input(Messages.noAmount(text))
        }
        var item = GearItem()
        item.kind = try wordOptions.word(
            read.what,
            "kind",
            of: GearItem.mapping.schema,
            option: "--gear"
        )
        item.count = count
        item.listedBy = context.device.officer
        for (name, value) in read.details {
            switch (name, value) {
            case ("banned", ""), ("banned", "yes"): item.isBanned = true
            case ("banned", "no"): item.isBanned = false
            case ("length", _):
                item.lengthMetres = try Amount.units(value, scale: 2, option: "--gear")
            case ("mesh", _):
                item.meshMillimetres = try Amount.units(value, scale: 1, option: "--gear")
            default:
                throw Failure.input(
                    Messages.field(
                        "--gear",
                        Messages.wrong(Messages.isNo(name), "banned, length, mesh")
                    )
                )
            }
        }
        return item
    }

    /// A catch is weighed: a unit that is no weight would count as nothing against the thresholds.
    private func weightUnit(_ text: String) throws -> MeasureUnit {
        let unit = MeasureUnit(text).canonical
        let weights: [MeasureUnit] = [.kilogram, .jin, .gram, .tonne]
        guard wordOptions.anyWord || weights.contains(unit) else {
            throw Failure.input(
                Messages.field(
                    "--catch",
                    Messages.wrong(Messages.isNo(text), "kg, 斤, g, t, 公斤, 千克, 克, 吨")
                )
            )
        }
        return unit
    }
}

/// Towns by code or by name.
enum TownName {
    /// The code of a town that is named in full; else the text as it is, for the check of codes.
    static func code(_ text: String, in catalogue: Catalogue) -> String {
        catalogue.towns.first { $0.name == text && $0.status != "retired" }?.code ?? text
    }

    /// The code of a town, checked.
    static func checked(_ text: String, option: String, in catalogue: Catalogue) throws -> String {
        let code = code(text, in: catalogue)
        let schema = Finding.mapping.schema
        guard let field = schema.field(named: "town") else { return code }
        do { _ = try FieldParser(catalogue: catalogue).value(code, of: field, in: schema) } catch {
            throw Failure.input(Messages.field(option, error.description))
        }
        return code
    }
}
