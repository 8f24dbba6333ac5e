import Foundation

/// The encoding of a foreign file's text; what is read further on is always UTF-8.
enum TextEncoding: String, CaseIterable {
    case utf8 = "utf-8"
    /// The national encoding (GB 18030), which holds GBK and GB 2312: what spreadsheets write on a
    /// Chinese system.
    case gb18030
    case gbk

    /// The encoding with this name in a mapping.
    init?(named name: String) { self.init(rawValue: name.lowercased()) }
}

/// Turns a file's pieces into UTF-8, whatever bytes a piece ends between.
final class TextDecoder {
    /// Why the bytes cannot be read.
    struct Failure: Error {
        /// The byte at which it failed, from 0; nil where the system lacks the encoding.
        let offset: Int?
    }

    private let conversion: iconv_t
    /// The bytes of a character whose rest comes with the next piece.
    private var rest: [UInt8] = []
    private var offset = 0

    /// The most bytes of UTF-8 that one byte can become, and a character's end.
    private static let growthMax = 4

    init() throws(Failure) {
        guard let conversion = iconv_open("UTF-8", "GB18030"),
            conversion != iconv_t(bitPattern: -1)
        else { throw Failure(offset: nil) }
        self.conversion = conversion
    }

    deinit { iconv_close(conversion) }

    /// The UTF-8 of a piece, as far as its characters are whole.
    func decoded(_ piece: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
        var input = rest + piece
        var output = [UInt8](repeating: 0, count: input.count * TextDecoder.growthMax + 16)
        var (read, written, isInvalid) = (0, 0, false)
        input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBytes { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var (left, room) = (source.count, target.count)
                let result = iconv(conversion, &from, &left, &to, &room)
                // An incomplete character at the end waits for the next piece.
                isInvalid = result == Int(bitPattern: UInt.max) && errno == EILSEQ
                read = source.count - left
                written = target.count - room
            }
        }
        guard !isInvalid else { throw Failure(offset: offset + read) }
        rest = Array(input[read...])
        offset += read
        return Array(output[..<written])
    }

    /// The end of the file: a character that was begun and not ended is an error.
    func finish() throws(Failure) {
        guard rest.isEmpty else { throw Failure(offset: offset) }
    }
}
