using System.Runtime.InteropServices;

namespace FastGate.Hosting;

/// <summary>
/// What the operating system asks of the process: SIGTERM, SIGINT and SIGQUIT stop it in order, a second one ends it at once; SIGHUP
/// reloads the configuration.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>What a shell reports for a process ended by a signal is this plus the signal's number.</summary>
    private const int SignalExitBase = 128;

    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _reload;
    private int _stopsAsked;

    public StopSignals(Action reload)
    {
        _reload = reload;
        Register(PosixSignal.SIGTERM, 15);
        Register(PosixSignal.SIGINT, 2);
        Register(PosixSignal.SIGQUIT, 3);
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup));
    }

    /// <summary>Completes when the process is to stop.</summary>
    public Task Stop => _stop.Task;

    /// <summary>A stop asked for from within, by a restart.</summary>
    public void RequestStop() => _stop.TrySetResult();

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Register(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _stopsAsked) > 1)
        {
            Environment.Exit(SignalExitBase + number);
        }

        _stop.TrySetResult();
    }));

    private void OnHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        _reload();
    }
}
