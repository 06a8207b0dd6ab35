using System.Runtime.InteropServices;

namespace FastGate.CommandLine.Parsing;

/// <summary>Cancels a command at the first Ctrl-C or SIGTERM, so that it can end in order. The second one ends the process.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _cancelled;
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupt(CancellationToken cancellation)
    {
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public CancellationToken Token => _cancelled.Token;

    public bool IsRequested => _cancelled.IsCancellationRequested;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _cancelled.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = !IsRequested;
        _cancelled.Cancel();
    }
}
