using System.Runtime.InteropServices;
using FastGate.Restart;

namespace FastGate.Hosting;

/// <summary>
/// The signals of the operating system: SIGTERM, SIGINT and SIGQUIT drain and stop the process, a second one exits at once; SIGHUP reloads the
/// configuration; SIGUSR2 restarts in place.
/// </summary>
/// <remarks>
/// <c>timeout</c> and <c>dotnet run</c> may deliver the same signal twice. The stop therefore begins a moment after the first signal; signals
/// within that moment count as one, and a later signal exits.
/// </remarks>
internal sealed class StopSignals : IDisposable
{
    /// <summary>A shell reports a process ended by a signal as this plus the signal's number.</summary>
    private const int SignalExitBase = 128;

    /// <summary>Above the delay between two deliveries (some ten milliseconds on a busy machine), below the time a person needs to press again.</summary>
    private static readonly TimeSpan s_debounce = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _reload;
    private readonly Action<int> _exit;
    private readonly TimeProvider _time;
    private ITimer? _timer;
    private readonly Action? _restart;
    private int _received;
    private volatile bool _stopping;

    public StopSignals(Action reload, Action<int> exit, TimeProvider time, Action? restart = null)
    {
        _reload = reload;
        _restart = restart;
        _exit = exit;
        _time = time;
        Register(PosixSignal.SIGTERM, 15);
        Register(PosixSignal.SIGINT, 2);
        Register(PosixSignal.SIGQUIT, 3);
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup));
        if (OperatingSystem.IsLinux())
        {
            // The number of the system: the framework has no name for it.
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)QuietSignals.User2, OnUser2));
        }
    }

    /// <summary>Completes when the process should stop.</summary>
    public Task Stop => _stop.Task;

    /// <summary>A signal has asked for the stop, which may not have begun yet.</summary>
    public bool IsStopRequested => Volatile.Read(ref _received) != 0;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _timer?.Dispose();
    }

    private void Register(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        OnStopSignal(number);
    }));

    /// <summary>Two signals may be handled on two threads at once.</summary>
    internal void OnStopSignal(int number)
    {
        if (Interlocked.Exchange(ref _received, 1) == 0)
        {
            _timer = _time.CreateTimer(static signals => ((StopSignals)signals!).BeginStop(), this, s_debounce, Timeout.InfiniteTimeSpan);
        }
        else if (_stopping)
        {
            _exit(SignalExitBase + number);
        }
    }

    private void BeginStop()
    {
        _stopping = true;
        _stop.TrySetResult();
    }

    private void OnUser2(PosixSignalContext context)
    {
        context.Cancel = true;
        _restart?.Invoke();
    }

    private void OnHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        _reload();
    }
}
