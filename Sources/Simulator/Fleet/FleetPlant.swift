import Oracle
import Replication
import SyncCore

/// A lie that is told to a run, by which tests prove that a check still rings.
///
/// What the checks remember is what is changed; faults of the engine itself are planted by mutants.
package enum FleetPlant: CaseIterable, Sendable {
    /// A person was told of a change that no store has.
    case inventedPromise
    /// A change stands at the hub under a second name.
    case secondName
    /// A row of the hub is not what it was.
    case changedRow
    /// A store has not what its cursor promises.
    case hiddenEntry
    /// A device may have nothing of what it has.
    case closedTowns
    /// A device says that it is done and is not.
    case earlyClaim
    /// A writer had seen what is nowhere.
    case inventedPast
    /// A deletion of which the stores do not know.
    case inventedDeletion
    /// A merge forgets a change that one side has.
    case forgetfulMerge
    /// Under other clocks a change is not kept.
    case decidingClock

    /// The promise that must be found broken.
    package var invariant: FleetInvariant {
        switch self {
        case .inventedPromise: .noLoss
        case .secondName: .exactlyOnce
        case .changedRow: .denseOrder
        case .hiddenEntry: .cursorHonesty
        case .closedTowns: .readScope
        case .earlyClaim: .convergence
        case .inventedPast: .causality
        case .inventedDeletion: .noResurrection
        case .forgetfulMerge: .algebra
        case .decidingClock: .clockIndependence
        }
    }

    static let token = FleetToken(.max)
}

extension FleetRun {
    /// Tells the lie, at the end of the first phase.
    func plant() {
        let device = devices[0]
        switch options.plant {
        case .inventedPromise:
            ledger.add(
                FleetPlant.token,
                FleetLedger.Written(device: 0, at: now, entries: [], stood: [], earlier: [])
            )
        case .secondName:
            guard var item = log.items.last(where: { FleetToken(reason: $0.entry.reason) != nil })
            else { return }
            item.entry.dot = Dot(ReplicaID(7), 7)
            item.sequence = log.head + 1
            if let problem = log.add([item], at: now) { violate(problem.invariant, problem.what) }
        case .changedRow: log.forgeFirstRow()
        case .hiddenEntry:
            device.log.hide(log.items.compactMap { FleetToken(reason: $0.entry.reason) })
        case .closedTowns:
            device.townsEver = 1 << 8
            device.log = FleetDeviceLog()
        case .inventedPast:
            ledger.inventPast(of: log.dots.keys.sorted())
            device.log = FleetDeviceLog()
        case .earlyClaim, .inventedDeletion, .forgetfulMerge, .decidingClock, nil: break
        }
    }
}

extension NaiveReference {
    /// The record as it would be if somebody had deleted it in the end.
    func deleted(after seen: Set<UInt64>) -> NaiveReference {
        let end = NaiveChange(
            name: FleetPlant.token.value,
            dot: Dot(ReplicaID(7), 7),
            seen: seen,
            time: HybridTimestamp(wallTime: .max, logical: 0),
            author: "nobody",
            actions: [.delete(reason: "")]
        )
        return NaiveReference(schema: schema, changes: changes + [end])
    }
}
