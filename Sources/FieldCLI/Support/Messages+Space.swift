import SyncCore

extension Messages {
    static func importStopped(_ error: StoreError, _ done: Int, of count: Int) -> String {
        words(
            "\(disk(error)): \(done) of \(count) rows are in; free space and repeat the command, it goes "
                + "on from there",
            "\(disk(error))：已导入 \(count) 行中的 \(done) 行；请腾出空间后重复该命令，会从此处继续"
        )
    }

    static func trackImportStopped(_ error: StoreError, _ done: Int, of count: Int) -> String {
        words(
            "\(disk(error)): \(done) of \(count) tracks are in whole; free space and repeat the command, "
                + "it adds what is missing",
            "\(disk(error))：\(count) 条轨迹中 \(done) 条已完整导入；请腾出空间后重复该命令，会补上缺少的"
        )
    }

    private static func disk(_ error: StoreError) -> String {
        error.code == .full ? words("the disk is full", "磁盘已满") : storeError(error)
    }

    static var shortOfSpace: String {
        words(
            "the disk is nearly full: what you record is kept and sent, receiving may wait; "
                + "free some space",
            "磁盘将满：记录照常保存和发送，接收可能暂停；请清理空间"
        )
    }
}
