import ArgumentParser

/// Where the officers of a device belong, what it receives and from which hub: for its making and for
/// changes later.
struct StationOptions: ParsableArguments {
    @Option(help: ArgumentHelp(words("The key of the organ.", "单位代号。")))
    var organ: String?

    @Option(help: ArgumentHelp(words("The town, by code or name.", "镇街代码或名称。")))
    var town: String?

    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp(
            words(
                "What to receive, as town=330502105 or organ=…; repeat it. Else the town's and the "
                    + "organ's records; `all` for everything.",
                "接收范围，如 town=330502105 或 organ=…，可重复；缺省为本镇街及本单位的记录；all 表示全部。"
            )
        )
    )
    var scopes: [String] = []

    @Option(help: ArgumentHelp(words("The hub's address.", "中心地址。"), valueName: "url"))
    var hub: String?
}
