extension Messages {
    static var shortOfSpace: String {
        words(
            "the disk is nearly full: what you record is kept and sent, receiving may wait; "
                + "free some space",
            "磁盘将满：记录照常保存和发送，接收可能暂停；请清理空间"
        )
    }
}
