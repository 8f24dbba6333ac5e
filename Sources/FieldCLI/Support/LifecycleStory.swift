import Interchange
import Models
import Replication
import SyncCore

/// The causal story of whether a record exists: who made, ended or brought it back, having seen what.
struct LifecycleStory {
    /// What people call the lifecycle where a field is asked for.
    static let names = ["$deleted", "作废", "删除", "作废或删除", "void", "deleted"]

    /// One mark, or an edit that stands against an ending it had not seen.
    struct Step {
        let entry: HistoryEntry
        let kind: LifecycleMark.Kind?
        let reason: String
        /// The numbers of the other steps that its author had seen.
        var saw: [Int] = []
    }

    let steps: [Step]
    let view: RecordView

    init(_ history: [HistoryEntry], view: RecordView) {
        self.view = view
        var steps: [Step] = []
        let endings = history.filter { entry in
            entry.actions.contains { LifecycleStory.mark($0)?.kind.isEnd == true }
        }
        for entry in history {
            let marks = entry.actions.compactMap(LifecycleStory.mark)
            for mark in marks {
                steps.append(Step(entry: entry, kind: mark.kind, reason: mark.reason))
            }
            // An edit matters to the record's life where it and an ending had not seen each other.
            let isAgainst = endings.contains { ending in
                ending.stamp.dot != entry.stamp.dot
                    && !LifecycleStory.saw(ending, entry) && !LifecycleStory.saw(entry, ending)
            }
            if marks.isEmpty, isAgainst {
                steps.append(Step(entry: entry, kind: nil, reason: entry.reason))
            }
        }
        for index in steps.indices {
            steps[index].saw = steps.indices.filter {
                steps[$0].entry.stamp.dot != steps[index].entry.stamp.dot
                    && LifecycleStory.saw(steps[index].entry, steps[$0].entry)
            }
        }
        self.steps = steps
    }

    /// Whether a conflict about the record's life is open.
    var isInConflict: Bool { view.conflicts.contains { $0.subject == .lifecycle } }

    private static func saw(_ entry: HistoryEntry, _ other: HistoryEntry) -> Bool {
        entry.past.contains(other.stamp.dot, sequence: other.stamp.sequence)
    }

    private static func mark(
        _ action: Operation.Action
    ) -> (kind: LifecycleMark.Kind, reason: String)? {
        switch action {
        case .create: (.create, "")
        case .undelete(let reason): (.undelete, reason)
        case .delete(let reason): (.delete, reason)
        case .void(let reason): (.void, reason)
        case .close: (.close, "")
        case .collect: (.collect, "")
        default: nil
        }
    }
}

extension LifecycleStory {
    /// Tells it.
    func show(_ key: RecordKey, _ schema: RecordSchema, _ context: CommandContext) throws {
        let output = context.output
        output.json(json(key))
        guard !output.isJSON else { return }
        output.line(
            "\(Messages.typeName(schema.name)) \(ShortReference.text(key)) · "
                + Messages.fieldName("$deleted") + ": " + Messages.lifecycle(view.lifecycle),
            style: .bold
        )
        output.line(
            "  "
                + words(
                    "an ending and an edit that had not seen each other are both kept until someone "
                        + "decides",
                    "作废或删除与未见到它的编辑并存，直至裁决"
                )
        )
        var table = TextTable(columns: [
            .init("  "), .init(words("what", "内容")), .init(words("by", "作者")),
            .init(words("when", "时间"), isWhole: true), .init(words("had seen", "当时已见")),
            .init(words("reason", "理由"), columnsMax: 40),
        ])
        for (index, step) in steps.enumerated() {
            let saw = step.saw.map { String($0 + 1) }.joined(separator: ", ")
            table.append([
                .init("  \(index + 1)", style: .cyan), .init(LifecycleStory.text(step.kind)),
                .init(try context.person(step.entry.stamp.author)),
                .init(ValueText.time(step.entry.writtenAt.wallTime)),
                .init(saw.isEmpty ? words("none", "无") : saw), .init(step.reason),
            ])
        }
        output.table(table, whenEmpty: words("Nobody wrote it.", "没有人写过。"))
        if isInConflict {
            output.line("  " + words("A conflict is open.", "冲突未决。"), style: .yellow)
        }
    }

    private static func text(_ kind: LifecycleMark.Kind?) -> String {
        switch kind {
        case .create: words("made", "创建")
        case .undelete: words("kept", "保留")
        case .delete: words("deleted", "删除")
        case .void: words("declared void", "作废")
        case .close: words("closed by the hub", "中心已关闭")
        case .collect: words("content collected by the hub", "内容已由中心清理")
        case nil: words("edited", "编辑")
        }
    }

    private func json(_ key: RecordKey) -> JSONValue {
        .object([
            "id": .string(ShortReference.full(key)), "field": .string("$deleted"),
            "lifecycle": .string(RecordJSON.name(of: view.lifecycle)),
            "conflict": .boolean(isInConflict),
            "writes": .array(
                steps.map { step in
                    .object([
                        "dot": .string(step.entry.stamp.dot.description),
                        "author": .string(step.entry.stamp.author),
                        "writtenAt": .string(ValueText.instant(step.entry.writtenAt.wallTime)),
                        "action": .string(step.kind.map { "\($0)" } ?? "edit"),
                        "reason": .string(step.reason),
                        "saw": .array(
                            step.saw.map { .string(steps[$0].entry.stamp.dot.description) }
                        ),
                    ])
                }
            ),
        ])
    }
}
