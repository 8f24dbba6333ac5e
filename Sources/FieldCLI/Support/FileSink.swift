import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is written piece by piece and appears whole or not at all; `-` is standard output.
///
/// A regular file is made beside its place and moved there at the end. Devices and pipes are
/// written as they are: a move would put a file in their place.
final class FileSink {
    private static let bufferBytes = 1 << 16

    private let path: String
    /// Where the bytes go until the end; nil when they go to their place at once.
    private let temporary: String?
    private let target: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    /// How many bytes were written.
    private(set) var count = 0

    /// Opens a file.
    init(_ path: String) throws {
        self.path = path
        buffer.reserveCapacity(FileSink.bufferBytes)
        guard path != "-" else {
            (temporary, target, descriptor) = (nil, path, STDOUT_FILENO)
            return
        }
        // A link keeps pointing where it points.
        target = FileSink.realPath(path) ?? path
        var status = stat()
        let exists = stat(target, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG {
            temporary = nil
            descriptor = open(target, O_WRONLY | O_CLOEXEC)
        } else {
            let name = target + ".\(getpid()).part"
            temporary = name
            let mode = exists ? status.st_mode & 0o777 : 0o666
            descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        }
        guard descriptor >= 0 else { throw FileSink.cannotWrite(path, errno, .cannotWrite) }
    }

    deinit {
        guard path != "-", descriptor >= 0 else { return }
        close(descriptor)
        if let temporary { unlink(temporary) }
    }

    /// Appends bytes.
    func append(_ bytes: some Sequence<UInt8>) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= FileSink.bufferBytes { try flush() }
    }

    /// Puts the file in its place; without this nothing of it remains.
    func finish() throws {
        try flush()
        guard path != "-" else { return }
        defer { descriptor = -1 }
        if let temporary {
            let isSafe = fsync(descriptor) == 0
            let code = errno
            close(descriptor)
            guard isSafe, rename(temporary, target) == 0 else {
                let reason = isSafe ? errno : code
                unlink(temporary)
                throw FileSink.cannotWrite(path, reason, .diskFull)
            }
        } else {
            close(descriptor)
        }
    }

    private func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        count += buffer.count
        do { try FileSink.write(buffer[...], to: descriptor) } catch {
            // A reader that has gone away is no fault of the command.
            if path == "-", error.code == EPIPE { return }
            throw FileSink.cannotWrite(path, error.code, .diskFull)
        }
    }

    private static func cannotWrite(_ path: String, _ code: Int32, _ status: ExitStatus) -> Failure
    {
        Failure(status, Messages.cannotWrite(path, WriteFailure(code: code)))
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// Writes all bytes to a descriptor.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(WriteFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                throw WriteFailure(code: errno)
            }
        }
    }
}

/// The system's call, which the type's own function of the name hides.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
