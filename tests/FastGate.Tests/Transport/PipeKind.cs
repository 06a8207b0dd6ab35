namespace FastGate.Tests.Transport;

/// <summary>The pipe that a contract test uses. The framework's is the oracle. Public because it is a theory argument.</summary>
public enum PipeKind
{
    Framework,
    EventLoop,
}
