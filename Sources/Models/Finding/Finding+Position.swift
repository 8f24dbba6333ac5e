public import Replication

extension Finding {
    /// Where the act took place; nil while latitude or longitude is missing or not on the earth.
    public var position: Position? {
        get {
            guard let latitude, let longitude else { return nil }
            return Position(
                latitude: latitude,
                longitude: longitude,
                accuracy: accuracy,
                datum: datum ?? .wgs84
            )
        }
        set {
            latitude = newValue?.latitude
            longitude = newValue?.longitude
            accuracy = newValue?.accuracy
            datum = newValue?.datum
        }
    }

    /// Makes a finding of what is known at first sight.
    ///
    /// - Parameters:
    ///   - title: a short name for lists.
    ///   - matter: the version of the matter in force, which the finding pins.
    ///   - release: the catalogue that the device has, which the finding pins.
    ///   - position: where, where it is known.
    ///   - observedAt: when, by the device's clock.
    public init(
        title: String,
        matter: Matter,
        release: CatalogueRelease,
        position: Position?,
        observedAt: WallTime
    ) {
        self.init()
        self.title = title
        self.matter = matter.key
        matterVersion = matter.effectiveFrom
        catalogueVersion = release.hash
        self.position = position
        self.observedAt = observedAt
    }
}
