#if FIELD_MUTANTS
/// A bug that another engine shipped, planted in this one: the simulator must find it.
///
/// Only a build with `FIELD_MUTANTS` has this type. One build holds all of them and at most one is on;
/// the lines that differ ask `isOn`. `docs/simulation.md` tells what each is.
package enum Mutant: Int, CaseIterable, Sendable {
    case m1 = 1
    case m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20

    // Set between runs, before anything that asks has begun.
    nonisolated(unsafe) private static var selected: Mutant?

    /// Switches this one on, and every other off; nil for none.
    package static func select(_ mutant: Mutant?) { selected = mutant }

    /// Whether this one is on.
    package static func isOn(_ mutant: Mutant) -> Bool { selected == mutant }

    /// `M4`.
    package var name: String { "M\(rawValue)" }

    /// Finds one by its name.
    package init?(name: String) {
        guard let found = Mutant.allCases.first(where: { $0.name.hasSameBytes(as: name) }) else {
            return nil
        }
        self = found
    }
}
#endif
