/// Writes a feature collection by RFC 7946: WGS-84, longitude before latitude, no `crs`.
///
/// Coordinates are written as decimals without exponent from their exact units, so reading gives
/// the same features again.
public struct GeoJSONWriter: Sendable {
    /// How the text looks.
    public let style: JSONWriter.Style

    /// Makes a writer.
    public init(style: JSONWriter.Style = .compact) {
        self.style = style
    }

    /// The file, in UTF-8.
    public func bytes(of features: [GeoJSONFeature]) throws(InterchangeError) -> [UInt8] {
        JSONWriter(style: style).bytes(of: try value(of: features))
    }

    /// One feature, for a collection that is written piece by piece.
    public func bytes(of feature: GeoJSONFeature) throws(InterchangeError) -> [UInt8] {
        JSONWriter(style: style).bytes(of: try value(of: feature))
    }

    /// The collection as a JSON value, for callers that add members of their own.
    public func value(of features: [GeoJSONFeature]) throws(InterchangeError) -> JSONValue {
        var items: [JSONValue] = []
        items.reserveCapacity(features.count)
        for (index, feature) in features.enumerated() {
            do {
                items.append(try value(of: feature))
            } catch {
                throw error.at(field: "features[\(index)]")
            }
        }
        return .object(["type": "FeatureCollection", "features": .array(items)])
    }

    private func value(of feature: GeoJSONFeature) throws(InterchangeError) -> JSONValue {
        var object: JSONObject = ["type": "Feature"]
        if let identifier = feature.identifier {
            guard identifier.string != nil || identifier.lexeme != nil else {
                throw InterchangeError(
                    .unrepresentable,
                    "the id is of kind \(identifier.kindName)",
                    expected: "a string or a number"
                )
            }
            object["id"] = identifier
        }
        object["geometry"] = JSONValue.null
        if let geometry = feature.geometry { object["geometry"] = try value(of: geometry) }
        object["properties"] = .object(feature.properties)
        return .object(object)
    }

    private func value(of geometry: GeoJSONGeometry) throws(InterchangeError) -> JSONValue {
        switch geometry {
        case .point(let position):
            return shape("Point", array(of: position))
        case .multiPoint(let positions):
            return shape("MultiPoint", .array(positions.map(array(of:))))
        case .line(let positions):
            return shape("LineString", try array(of: positions))
        case .multiLine(let lines):
            var arrays: [JSONValue] = []
            for line in lines { arrays.append(try array(of: line)) }
            return shape("MultiLineString", .array(arrays))
        }
    }

    private func shape(_ type: String, _ coordinates: JSONValue) -> JSONValue {
        .object(["type": .string(type), "coordinates": coordinates])
    }

    private func array(of line: [GeoJSONPosition]) throws(InterchangeError) -> JSONValue {
        guard line.count >= 2 else {
            throw InterchangeError(
                .unrepresentable,
                "a line has \(line.count) positions",
                expected: "two or more, or a point"
            )
        }
        return .array(line.map(array(of:)))
    }

    private func array(of position: GeoJSONPosition) -> JSONValue {
        var numbers = [
            number(position.coordinate.longitude, Coordinate.scale),
            number(position.coordinate.latitude, Coordinate.scale),
        ]
        if let elevation = position.elevation {
            numbers.append(number(elevation, GPXPoint.elevationScale))
        }
        return .array(numbers)
    }

    private func number(_ units: Int64, _ scale: Int) -> JSONValue {
        let text = ScaledDecimal(units: units, scale: scale).text
        return JSONValue(lexeme: text) ?? .string(text)
    }
}
