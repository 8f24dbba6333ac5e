import ArgumentParser
import Foundation
import Interchange
import Models
import Replication
import SyncCore
import Yams

/// The exit codes; `field help exit-codes` lists them.
enum ExitStatus: Int32, CaseIterable {
    case done = 0
    case different = 1
    case invalidInput = 2
    case storeUnavailable = 3
    case hubUnavailable = 4
    case refused = 5
    case usage = 64
    case portUnavailable = 69
    case internalError = 70
    case cannotWrite = 73
    case diskFull = 74

    /// What the code means.
    var meaning: String {
        switch self {
        case .done: words("done", "完成")
        case .different:
            words("a check found something; a replay differs", "检查发现问题；重放结果不一致")
        case .invalidInput:
            words(
                "invalid input: a file, a value, a reference; nothing was recorded",
                "输入无效：文件、取值或引用有误；未作任何记录"
            )
        case .storeUnavailable:
            words(
                "no usable store: missing, locked, damaged, foreign, newer or read-only",
                "存储不可用：不存在、被占用、损坏、非本产品、版本过新或只读"
            )
        case .hubUnavailable:
            words(
                "the hub cannot be reached, is no hub, or refuses; what is recorded stays",
                "无法连接中心，或对方不是中心，或被拒绝；已记录的内容不受影响"
            )
        case .refused:
            words(
                "an edit was refused by the schema or by a role; nothing was recorded",
                "编辑被拒绝（模式或权限不允许）；未作任何记录"
            )
        case .usage: words("wrong usage: an option or argument", "用法错误：选项或参数有误")
        case .portUnavailable:
            words("the hub cannot take connections on its port", "中心无法在该端口接受连接")
        case .internalError: words("a fault of this program", "程序内部错误")
        case .cannotWrite: words("an output file cannot be made", "无法写出文件")
        case .diskFull:
            words("the disk is full or failed, or output was lost", "磁盘已满、读写出错或输出丢失")
        }
    }
}

/// A failure with a message in the language of the run and an exit status.
struct Failure: Error, CustomStringConvertible {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Invalid input.
    static func input(_ message: String) -> Failure { Failure(.invalidInput, message) }

    var description: String { message }

    /// Turns any error into one that says what to do; nil for errors of the argument parser.
    static func of(_ error: any Error) -> Failure? {
        switch error {
        case let error as Failure: error
        case let error as StoreError: Failure(status(of: error), Messages.storeError(error))
        case let error as EditError: Failure(.refused, Messages.editError(error))
        case let error as SyncError:
            Failure(
                error.code == .store || error.code == .alreadySyncing
                    ? .storeUnavailable : .hubUnavailable,
                Messages.syncError(error)
            )
        case let error as TransportError: Failure(.hubUnavailable, Messages.hubError("\(error)"))
        case let error as InterchangeError: Failure(.invalidInput, Messages.invalid("\(error)"))
        case let error as CatalogueError: Failure(.invalidInput, Messages.seedError(error))
        case let error as WireError: Failure(.invalidInput, Messages.invalid("\(error)"))
        case let error as TrackPointsError: Failure(.invalidInput, Messages.invalid("\(error)"))
        case let error as YamlError: Failure(.invalidInput, Messages.invalid("\(error)"))
        case let error as WriteFailure: Failure(.diskFull, Messages.outputLost(error.description))
        default: nil
        }
    }

    private static func status(of error: StoreError) -> ExitStatus {
        error.isOfDisk ? .diskFull : .storeUnavailable
    }

    /// Ends the process as the error asks for.
    static func exit(_ error: any Error) -> Never {
        if let failure = of(error) {
            Output.remark(Messages.error(failure.message))
            Foundation.exit(failure.status.rawValue)
        }
        if isOfParser(error) { ParserMessages.exit(error) }
        Output.remark(Messages.error("\(error)"))
        Foundation.exit(ExitStatus.internalError.rawValue)
    }

    private static func isOfParser(_ error: any Error) -> Bool {
        if error is ExitCode || error is CleanExit || error is ValidationError { return true }
        // The parser's own error type is not public; its exit code tells it from others.
        let code = Field.exitCode(for: error)
        return code == .validationFailure || code == .success
    }
}

extension StoreError {
    /// Whether the disk is full or failed.
    var isOfDisk: Bool { code == .full || code == .input }
}
