namespace FastGate.Tests.Transport;

/// <summary>The pipe that a contract test uses. The framework's is the oracle. Public because it is the argument of theories.</summary>
public enum PipeKind
{
    Framework,
    EventLoop,
}
