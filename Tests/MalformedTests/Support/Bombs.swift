import Foundation
import SyncCore

/// Inputs too large for a file, made when they are needed: depth, length, number.
struct Bomb: Sendable {
    let name: String
    let decoder: String
    /// The class of the error; `-` where its type has none.
    let code: String
    /// How far reading it may take memory above what its bytes take, in MiB.
    let mebibytesMax: Int
    let bytes: @Sendable () -> [UInt8]

    init(
        _ decoder: String,
        _ name: String,
        _ code: String,
        mebibytesMax: Int = 16,
        _ bytes: @Sendable @escaping () -> [UInt8]
    ) {
        self.decoder = decoder
        self.name = name
        self.code = code
        self.mebibytesMax = mebibytesMax
        self.bytes = bytes
    }

    private static func text(_ text: String, times: Int, then end: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * times + end.utf8.count)
        for _ in 0..<times { bytes += text.utf8 }
        return bytes + end.utf8
    }

    private static let gpx = Array(#"<gpx version="1.1"><wpt lat="1" lon="1"><name>"#.utf8)

    static let all: [Bomb] = [
        Bomb("json", "arrays-100000-deep", "limitExceeded") { text("[", times: 100_000) },
        Bomb("json", "objects-100000-deep", "limitExceeded") { text("{\"a\":", times: 100_000) },
        Bomb("json", "closed-100000-deep", "limitExceeded") {
            text("[", times: 100_000) + text("]", times: 100_000)
        },
        Bomb("json", "number-of-a-million-digits", "limitExceeded") {
            text("9", times: 1_000_000)
        },
        Bomb("json", "string-of-17-mebibytes", "limitExceeded") {
            text("\"", times: 1) + Array(repeating: 0x61, count: 17 << 20) + text("\"", times: 1)
        },
        Bomb("json", "escapes-of-17-mebibytes", "limitExceeded", mebibytesMax: 48) {
            text("\"", times: 1) + text("\\n", times: 9 << 20, then: "\"")
        },
        Bomb("json", "one-key-200000-times", "duplicate", mebibytesMax: 64) {
            text("{", times: 1) + text("\"a\":0,", times: 200_000, then: "\"a\":0}")
        },
        Bomb("json", "over-4-million-values", "limitExceeded", mebibytesMax: 256) {
            text("[", times: 1) + text("0,", times: 4_000_001, then: "0]")
        },
        Bomb("json", "text-over-64-mebibytes", "limitExceeded") {
            Array(repeating: 0x20, count: (64 << 20) + 1)
        },
        Bomb("jsonl", "line-over-64-mebibytes", "limitExceeded", mebibytesMax: 144) {
            Array(repeating: 0x20, count: (64 << 20) + 2) + text("\n", times: 1)
        },
        Bomb("csv", "million-fields", "limitExceeded") { text("a,", times: 1_000_000) },
        Bomb("csv", "million-quoted-fields", "limitExceeded") {
            text("\"\",", times: 1_000_000)
        },
        Bomb("csv", "field-over-a-mebibyte", "limitExceeded") {
            Array(repeating: 0x61, count: (1 << 20) + 1)
        },
        Bomb("csv", "quoted-field-over-a-mebibyte", "limitExceeded") {
            text("\"", times: 1) + Array(repeating: 0x61, count: (1 << 20) + 1)
        },
        Bomb("csv", "row-over-4-mebibytes", "limitExceeded") {
            text(String(repeating: "a", count: 900_000) + ",", times: 5)
        },
        Bomb("csv", "quote-that-swallows-a-mebibyte-of-lines", "limitExceeded") {
            text("id,note\n1,\"open\n", times: 1) + text("2,x\n", times: 300_000)
        },
        Bomb("gpx", "elements-100000-deep", "limitExceeded") {
            text("<gpx version=\"1.1\">", times: 1) + text("<a>", times: 100_000)
        },
        Bomb("gpx", "text-over-a-mebibyte", "limitExceeded") {
            gpx + Array(repeating: 0x61, count: (1 << 20) + 1)
        },
        Bomb("gpx", "brackets-over-a-mebibyte", "limitExceeded") {
            gpx + text("] ", times: 1 << 20)
        },
        Bomb("gpx", "references-over-a-mebibyte", "limitExceeded") {
            gpx + text("&amp;", times: (1 << 20) + 1)
        },
        Bomb("gpx", "character-data-over-a-mebibyte", "limitExceeded") {
            gpx + text("<![CDATA[", times: 1) + Array(repeating: 0x61, count: (1 << 20) + 1)
        },
        Bomb("gpx", "value-over-a-mebibyte", "limitExceeded") {
            text("<gpx version=\"", times: 1) + Array(repeating: 0x61, count: (1 << 20) + 1)
        },
        Bomb("gpx", "name-of-a-mebibyte", "limitExceeded") {
            text("<", times: 1) + Array(repeating: 0x61, count: 1 << 20)
        },
        Bomb("gpx", "million-attributes", "limitExceeded") {
            text("<gpx", times: 1) + text(" a=\"\"", times: 1)
                + (0..<200_000).flatMap { Array(" a\($0)=\"\"".utf8) }
        },
        Bomb("gpx", "comment-of-8-mebibytes", "truncated") {
            text("<!--", times: 1) + Array(repeating: 0x61, count: 8 << 20)
        },
        Bomb("gpx", "tracks-100001", "limitExceeded", mebibytesMax: 64) {
            text("<gpx version=\"1.1\">", times: 1) + text("<trk/>", times: 100_001)
        },
        Bomb("nmea", "line-of-8-mebibytes", "limitExceeded") {
            text("$", times: 1) + Array(repeating: 0x41, count: 8 << 20)
        },
        Bomb("nmea", "200000-lines-of-noise", "malformed") { text("noise\r\n", times: 200_000) },
        Bomb("geojson", "coordinates-100000-deep", "limitExceeded") {
            text("{\"type\":\"Point\",\"coordinates\":", times: 1) + text("[", times: 100_000)
        },
        Bomb("trace", "line-over-32-mebibytes", "-", mebibytesMax: 80) {
            text("{\"at\":\"", times: 1) + Array(repeating: 0x61, count: (32 << 20) + 1)
        },
        Bomb("trace", "gzip-of-128-mebibytes-in-one-line", "-", mebibytesMax: 80) {
            gzip(128 << 20, of: 0)
        },
        Bomb("trace", "gzip-of-128-mebibytes-of-blank-lines", "-") {
            gzip(128 << 20, of: 0x0A)
        },
        Bomb("trace", "million-operations", "-", mebibytesMax: 160) {
            text("{\"at\":1,\"device\":\"a\",\"do\":\"transaction\",\"ops\":[", times: 1)
                + text("0,", times: 1_000_000, then: "0]}")
        },
        Bomb("gzip", "zeros-of-64-mebibytes", "-") { gzip(64 << 20, of: 0) },
        Bomb("gzip", "thousand-empty-members", "-") {
            (0..<1_000).flatMap { _ in gzip(0, of: 0) } + [0x1F, 0x8B]
        },
    ]

    /// A gzip member of one byte so many times: a header, DEFLATE, and a trailer that is not right.
    private static func gzip(_ count: Int, of byte: UInt8) -> [UInt8] {
        let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let data = Deflate.compress(Array(repeating: byte, count: count)) ?? []
        let size = withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian) { Array($0) }
        return head + data + Array(repeating: 0, count: 4) + size
    }
}
