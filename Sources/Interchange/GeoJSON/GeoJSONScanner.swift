/// The state of reading one GeoJSON value.
struct GeoJSONScanner {
    private(set) var reading = GeoJSONReading()

    mutating func read(_ value: JSONValue) throws(InterchangeError) {
        guard let object = value.object else {
            throw fault(.malformed, "the root is of kind \(value.kindName)", "an object", "$")
        }
        if let system = object["crs"], !isWorldSystem(system) {
            throw fault(
                .unsupported,
                "the file uses another coordinate system",
                "WGS-84 without a crs member",
                "crs"
            )
        }
        switch object["type"]?.string {
        case "FeatureCollection":
            guard let features = object["features"]?.array else {
                throw fault(.missing, "the collection has no features", "an array", "features")
            }
            for (index, feature) in features.enumerated() {
                try readFeature(feature, index, "features[\(index)]")
            }
        case "Feature":
            try readFeature(value, 0, "$")
        default:
            if let geometry = try self.geometry(value, 0, "$") {
                reading.features.append(GeoJSONFeature(geometry: geometry))
            }
        }
    }

    private mutating func readFeature(
        _ value: JSONValue,
        _ index: Int,
        _ path: String
    ) throws(InterchangeError) {
        guard value["type"]?.string == "Feature" else {
            throw fault(.malformed, "this is no feature", "\"type\": \"Feature\"", path + ".type")
        }
        var feature = GeoJSONFeature(geometry: nil)
        if let identifier = value["id"], !identifier.isNull {
            guard identifier.string != nil || identifier.lexeme != nil else {
                throw fault(
                    .malformed,
                    "the id is of kind \(identifier.kindName)",
                    "a string or a number",
                    path + ".id"
                )
            }
            feature.identifier = identifier
        }
        if let properties = value["properties"], !properties.isNull {
            guard let object = properties.object else {
                throw fault(
                    .malformed,
                    "the properties are of kind \(properties.kindName)",
                    "an object or null",
                    path + ".properties"
                )
            }
            feature.properties = object
        }
        if let geometry = value["geometry"], !geometry.isNull {
            guard let shape = try self.geometry(geometry, index, path + ".geometry") else { return }
            feature.geometry = shape
        }
        reading.features.append(feature)
    }

    /// Reads a shape; nil when it is of a kind that is not read, which is noted.
    private mutating func geometry(
        _ value: JSONValue,
        _ index: Int,
        _ path: String
    ) throws(InterchangeError) -> GeoJSONGeometry? {
        guard let type = value["type"]?.string else {
            throw fault(.missing, "the shape has no type", "a type such as Point", path + ".type")
        }
        let coordinates = value["coordinates"] ?? .null
        let path = path + ".coordinates"
        switch type {
        case "Point":
            return .point(try position(coordinates, path))
        case "MultiPoint":
            return .multiPoint(try positions(coordinates, path, minimum: 0))
        case "LineString":
            return .line(try positions(coordinates, path, minimum: 2))
        case "MultiLineString":
            var lines: [[GeoJSONPosition]] = []
            for (number, line) in try array(coordinates, path).enumerated() {
                lines.append(try positions(line, path + "[\(number)]", minimum: 2))
            }
            return .multiLine(lines)
        case "Polygon", "MultiPolygon", "GeometryCollection":
            reading.skipped.append(GeoJSONReading.Skipped(index: index, type: type))
            return nil
        default:
            throw fault(
                .unsupported,
                "\"\(type.excerpt)\" is no shape",
                "Point, LineString, …",
                path
            )
        }
    }

    private mutating func positions(
        _ value: JSONValue,
        _ path: String,
        minimum: Int
    ) throws(InterchangeError) -> [GeoJSONPosition] {
        let items = try array(value, path)
        guard items.count >= minimum else {
            throw fault(
                .malformed,
                "a line has \(items.count) positions",
                "at least \(minimum)",
                path
            )
        }
        var result: [GeoJSONPosition] = []
        result.reserveCapacity(items.count)
        for (number, item) in items.enumerated() {
            do {
                result.append(try position(item, ""))
            } catch {
                // The path is put together only when it is needed: lines are long.
                let field = path + "[\(number)]" + (error.field ?? "")
                throw fault(error.code, error.message, error.expected, field)
            }
        }
        return result
    }

    private mutating func position(
        _ value: JSONValue,
        _ path: String
    ) throws(InterchangeError) -> GeoJSONPosition {
        let numbers = try array(value, path)
        guard numbers.count >= 2, let longitude = numbers[0].lexeme,
            let latitude = numbers[1].lexeme
        else {
            throw fault(.malformed, "this is no position", "[longitude, latitude]", path)
        }
        do {
            let place = try Coordinate.parse(latitude: latitude, longitude: longitude)
            var isExact = place.isExact
            var elevation: Int64?
            if numbers.count > 2, !numbers[2].isNull {
                let height = try ScaledDecimal.parse(
                    numbers[2].lexeme ?? "",
                    scale: GPXPoint.elevationScale
                )
                elevation = height.units
                isExact = isExact && height.isExact
            }
            if !isExact { reading.roundedPositions += 1 }
            return GeoJSONPosition(coordinate: place.coordinate, elevation: elevation)
        } catch {
            throw fault(error.code, error.message, error.expected, path)
        }
    }

    private func array(
        _ value: JSONValue,
        _ path: String
    ) throws(InterchangeError) -> [JSONValue] {
        guard let array = value.array else {
            throw fault(.malformed, "this is of kind \(value.kindName)", "an array", path)
        }
        return array
    }

    /// Whether an old `crs` member names WGS-84 after all.
    private func isWorldSystem(_ value: JSONValue) -> Bool {
        if value.isNull { return true }
        guard let name = value["properties"]?["name"]?.string else { return false }
        return ["CRS84", "EPSG:4326", "EPSG::4326"].contains { name.hasSuffix($0) }
    }

    private func fault(
        _ code: InterchangeError.Code,
        _ message: String,
        _ expected: String,
        _ path: String
    ) -> InterchangeError {
        InterchangeError(code, message, expected: expected, field: path)
    }
}
