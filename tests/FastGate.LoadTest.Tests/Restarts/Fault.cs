namespace FastGate.LoadTest.Tests.Restarts;

/// <summary>What a <see cref="FaultyGateway"/> does wrong once, after its first restart.</summary>
public enum Fault
{
    None,
    CloseDevice,
    RefuseConnect,
    LosePong,
    DoublePong,
    DelayPong,
    SwapPongs,
    ChangeSession,
    IgnoreHello,
    LoseSentence,
    DoubleSentence,
    CutWithoutLine,
    CutTooEarly,
    NeverStop,
    NoRestart,
    RefuseRestart,
    GrowMemory,

    /// <summary>No fault: the new process begins late, and has its memory when it has answered some pings.</summary>
    StartLate,
    LeakDescriptor,
    LeakSockets,
}
