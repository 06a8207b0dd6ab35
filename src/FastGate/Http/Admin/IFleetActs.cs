namespace FastGate.Http.Admin;

/// <summary>What the admin API does to devices. Any thread. A filter that is wrong and a refusal end the request with <see cref="AdminProblemException"/>.</summary>
internal interface IFleetActs
{
    /// <summary>Closes the connection of a device, after a text on its display if there is a reason. False when it is not connected.</summary>
    bool Kick(string deviceId, string? reason);

    /// <summary>Begins to close the matching connections there are now, and returns their number.</summary>
    int Kick(DeviceFilter filter, int perSecond, string? reason);

    /// <summary>Closes at once what a ban refuses from now on, and returns the number.</summary>
    int CloseBanned();

    /// <summary>False when the device is not connected or has not said hello.</summary>
    bool Send(string deviceId, DeviceMessageKind kind, string text);

    /// <summary>Begins to send to the matching devices there are now, and returns their number.</summary>
    int Send(DeviceFilter filter, int perSecond, DeviceMessageKind kind, string text);
}
