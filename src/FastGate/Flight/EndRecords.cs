using FastGate.Diagnostics;

namespace FastGate.Flight;

/// <summary>The verdict on a connection that was upgraded, by its end reason and by whether the device had said hello.</summary>
internal static class EndRecords
{
    public static Verdict Of(ConnectionEndReason reason, bool helloSeen) => reason switch
    {
        ConnectionEndReason.RegistryFull => Verdict.Full,
        ConnectionEndReason.DuplicateRejected => Verdict.Duplicate,
        ConnectionEndReason.HelloTimeout => Verdict.NoHello,
        ConnectionEndReason.PeerClosed or ConnectionEndReason.PeerVanished => helloSeen ? Verdict.Left : Verdict.LeftBeforeHello,
        ConnectionEndReason.PeerReset or ConnectionEndReason.TransportError => helloSeen ? Verdict.Reset : Verdict.LeftBeforeHello,
        ConnectionEndReason.ProtocolViolation or ConnectionEndReason.InvalidText or ConnectionEndReason.MessageTooBig or ConnectionEndReason.WrongSecret =>
            helloSeen ? Verdict.ProtocolViolation : Verdict.BadFirstMessage,
        ConnectionEndReason.IdleTimeout => Verdict.IdleTimeout,
        ConnectionEndReason.WriteTimeout or ConnectionEndReason.SlowReader => Verdict.NotReading,
        ConnectionEndReason.Replaced => Verdict.Replaced,
        ConnectionEndReason.SessionEnded => Verdict.SessionEnded,
        ConnectionEndReason.Draining => Verdict.Draining,
        ConnectionEndReason.Banned => Verdict.Banned,
        ConnectionEndReason.SendsTooMuch => Verdict.SendsTooMuch,
        ConnectionEndReason.Kicked => Verdict.Kicked,
        ConnectionEndReason.MemoryPressure => Verdict.MemoryPressure,
        ConnectionEndReason.RestartLost => Verdict.RestartLost,
        ConnectionEndReason.Moved => Verdict.Moved,
        ConnectionEndReason.Overloaded => Verdict.Overloaded,
        _ => Verdict.ServerError,
    };
}
