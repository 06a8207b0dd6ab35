using System.Runtime.InteropServices;

namespace FastGate.Hosting;

/// <summary>
/// What the operating system asks of the process: SIGTERM, SIGINT and SIGQUIT stop it in order, a second one ends it at once; SIGHUP
/// reloads the configuration.
/// </summary>
/// <remarks>
/// One wish may arrive as two signals: <c>timeout</c> signals its child and then the group in which the child is, and <c>dotnet run</c> passes on
/// what its group was told too. So a stop begins a moment after its first signal, and what comes within that moment is the same wish. Whoever has
/// seen the stop begin and signals again has another one.
/// </remarks>
internal sealed class StopSignals : IDisposable
{
    /// <summary>What a shell reports for a process ended by a signal is this plus the signal's number.</summary>
    private const int SignalExitBase = 128;

    /// <summary>Above what lies between the two signals of one wish, some ten milliseconds on a busy machine; below what a person needs to press again.</summary>
    private static readonly TimeSpan s_sameWish = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _reload;
    private readonly Action<int> _exit;
    private readonly TimeProvider _time;
    private ITimer? _settling;
    private int _asked;
    private volatile bool _settled;

    public StopSignals(Action reload, Action<int> exit, TimeProvider time)
    {
        _reload = reload;
        _exit = exit;
        _time = time;
        Register(PosixSignal.SIGTERM, 15);
        Register(PosixSignal.SIGINT, 2);
        Register(PosixSignal.SIGQUIT, 3);
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup));
    }

    /// <summary>Completes when the process is to stop.</summary>
    public Task Stop => _stop.Task;

    /// <summary>A stop asked for from within, by a restart.</summary>
    public void RequestStop() => _stop.TrySetResult();

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _settling?.Dispose();
    }

    private void Register(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        Ask(number);
    }));

    /// <summary>A signal that asks for the stop has come. Any thread: two signals are told on two.</summary>
    internal void Ask(int number)
    {
        if (Interlocked.Exchange(ref _asked, 1) == 0)
        {
            _settling = _time.CreateTimer(static signals => ((StopSignals)signals!).Settle(), this, s_sameWish, Timeout.InfiniteTimeSpan);
        }
        else if (_settled)
        {
            _exit(SignalExitBase + number);
        }
    }

    private void Settle()
    {
        _settled = true;
        _stop.TrySetResult();
    }

    private void OnHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        _reload();
    }
}
