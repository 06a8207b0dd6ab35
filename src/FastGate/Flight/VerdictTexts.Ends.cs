namespace FastGate.Flight;

/// <content>Texts of devices that were connected.</content>
internal static partial class VerdictTexts
{
    private static IEnumerable<KeyValuePair<Verdict, VerdictText>> OfEnds() =>
    [
        Of(Verdict.Left,
            "The device ended its connection.", "设备结束了连接。",
            "Nothing to change: stock devices connect again at the next wake word.", "无需修改：设备会在下次唤醒时重新连接。"),
        Of(Verdict.Reset,
            "The connection was reset, by the device or by the network.", "连接被设备或网络重置。",
            "Check the power supply and the Wi-Fi of the device, and the idle timeouts of NAT and proxy.", "检查设备的电源和 Wi-Fi，以及 NAT 和代理的空闲超时。"),
        Of(Verdict.IdleTimeout,
            "The device was silent longer than Devices:Timeouts:Idle.", "设备的静默时间超过了 Devices:Timeouts:Idle。",
            "Raise Devices:Timeouts:Idle when devices should stay connected.", "如果设备应保持连接，请提高 Devices:Timeouts:Idle。"),
        Of(Verdict.NotReading,
            "The device did not read what was sent to it.", "设备没有读取发送给它的数据。",
            "Check its Wi-Fi; a device that hangs needs a restart.", "检查它的 Wi-Fi；卡死的设备需要重启。"),
        Of(Verdict.Replaced,
            "A newer connection with the same device id took its place.", "具有相同设备 ID 的新连接取代了它。",
            "When it happens again and again, two devices share one id: give each its own.", "如果反复发生，说明两台设备使用同一个 ID：请为每台设备设置各自的 ID。"),
        Of(Verdict.SessionEnded,
            "The conversation was ended, by a goodbye or by its length.", "会话因告别或时长而结束。",
            "Nothing to change.", "无需修改。"),
        Of(Verdict.Kicked,
            "An operator closed the connection.", "操作员关闭了连接。",
            "Nothing to change: the device may connect again.", "无需修改：设备可以重新连接。"),
        Of(Verdict.ProtocolViolation,
            "The device sent frames or messages that are not valid; the end reason says why.", "设备发送了无效的数据帧或消息，原因见 endReason。",
            "Update the firmware or its WebSocket library; messages must fit Devices:Limits:Message.", "更新固件或其 WebSocket 库；消息大小不得超过 Devices:Limits:Message。"),
        Of(Verdict.MemoryPressure,
            "The server had no memory left for unfinished messages.", "服务器没有剩余内存存放未完成的消息。",
            "Raise Devices:Limits:UnfinishedMessages, or look for a client that never finishes its messages.", "提高 Devices:Limits:UnfinishedMessages，或查找从不发送完消息的客户端。"),
        Of(Verdict.RestartLost,
            "The connection could not be carried over a restart.", "连接无法跨重启保留。",
            "Nothing to change on the device: it connects again; look at the restart's log for the reason.", "设备无需修改，它会重新连接；原因请查看重启日志。"),
        Of(Verdict.Moved,
            "Another process has taken over the connection.", "另一个进程接管了连接。",
            "Nothing to change.", "无需修改。"),
        Of(Verdict.ServerError,
            "The server ended the connection because of an error of its own.", "服务器因自身错误结束了连接。",
            "Look at the log at that time, and report the error.", "查看当时的日志，并报告该错误。"),
    ];
}
