/// What is to happen, by time and then by the order in which it was scheduled: a binary heap.
struct FleetQueue<Step> {
    private struct Item {
        let at: Int64
        let number: UInt64
        let step: Step

        func precedes(_ other: Item) -> Bool { (at, number) < (other.at, other.number) }
    }

    private var items: [Item] = []
    private var count: UInt64 = 0

    /// Adds a step.
    mutating func add(_ step: Step, at: Int64) {
        count += 1
        items.append(Item(at: at, number: count, step: step))
        var index = items.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard items[index].precedes(items[parent]) else { return }
            items.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes the next step.
    mutating func next() -> (at: Int64, step: Step)? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        if !items.isEmpty {
            items[0] = last
            sink()
        }
        return (first.at, first.step)
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < items.count && items[child].precedes(items[least]) {
                least = child
            }
            guard least != index else { return }
            items.swapAt(index, least)
            index = least
        }
    }
}
