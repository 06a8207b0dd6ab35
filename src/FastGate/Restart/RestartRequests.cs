using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Restart;

/// <summary>
/// Carries out a restart: checks the configuration that the next program will read, rehearses its start, and replaces this program. A failure
/// closes no connection.
/// </summary>
/// <param name="check">Why the configuration cannot be used.</param>
/// <param name="rehearse">Why the program on disk would not start; null when it would.</param>
/// <param name="replace">Replaces the program. Returns only when it fails, with the reason, after everything is as before.</param>
/// <param name="log">The log.</param>
/// <remarks>One restart at a time; its state belongs to the one task that carries it out, except what the lock protects.</remarks>
internal sealed class RestartRequests(
    Func<IReadOnlyList<string>> check, Func<CancellationToken, Task<string?>> rehearse, Func<Task<string>> replace, ILogger<RestartRequests> log) : IDisposable
{
    private const int MaxJoined = 64;

    private readonly Lock _lock = new();
    private readonly List<Action<string?>> _reports = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _current = Task.CompletedTask;
    private bool _hasBegun;
    private bool _isStopping;
    private TaskCompletionSource? _reserved;

    /// <summary>Called when a restart begins and, with true, when it has failed.</summary>
    public Action<bool>? Notify { get; set; }

    /// <summary>How many have failed.</summary>
    public long Refused { get; private set; }

    /// <summary>The last failure; null when there was none.</summary>
    public RestartRefusal? LastRefusal { get; private set; }

    /// <summary>
    /// Returns at once. <paramref name="report"/> is called with null when the restart is about to happen, and with a reason when it fails, which
    /// may also be after that. A second request while a restart is in progress joins it.
    /// </summary>
    public void Begin(Action<string?> report)
    {
        string? answer;
        lock (_lock)
        {
            bool isRunning = !_current.IsCompleted;
            if (_isStopping)
            {
                answer = "the server stops";
            }
            else if (_reserved is not null)
            {
                answer = "a hand-over to another process is in progress";
            }
            else if (isRunning && _reports.Count >= MaxJoined)
            {
                answer = "a restart is in progress";
            }
            else
            {
                _reports.Add(report);
                if (!isRunning)
                {
                    _hasBegun = false;
                    _current = Task.Run(RunAsync);
                }

                if (!_hasBegun)
                {
                    return;
                }

                answer = null;
            }
        }

        report(answer);
    }

    /// <summary>Refuses restarts while the connections are handed over in another way, until <see cref="Release"/>.</summary>
    /// <returns>False when a restart is in progress or the server stops.</returns>
    public bool TryReserve()
    {
        lock (_lock)
        {
            if (_isStopping || !_current.IsCompleted)
            {
                return false;
            }

            _reserved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _current = _reserved.Task;
            return true;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _reserved!.SetResult();
            _reserved = null;
        }
    }

    /// <summary>After <see cref="StopAsync"/> has completed.</summary>
    public void Dispose() => _stop.Dispose();

    /// <summary>Accepts no further restart, and completes when one in progress has given up.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _isStopping = true;
        }

        _stop.Cancel();
        lock (_lock)
        {
            return _current;
        }
    }

    /// <summary>Throws nothing: without free descriptors any step may fail.</summary>
    private async Task RunAsync()
    {
        string reason;
        Exception? failure = null;
        try
        {
            Notify?.Invoke(false);
            reason = await TryAsync();
        }
        catch (OperationCanceledException) when (_isStopping)
        {
            reason = "the server stops";
        }
        catch (Exception exception)
        {
            (reason, failure) = (exception.Message, exception);
        }

        if (failure is null)
        {
            log.RestartRefused(reason);
        }
        else
        {
            log.RestartFailed(failure);
        }

        Refused++;
        LastRefusal = new RestartRefusal(DateTimeOffset.UtcNow, reason);
        Action<string?>[] reports;
        lock (_lock)
        {
            reports = [.. _reports];
            _reports.Clear();

            // A request from here on begins another restart.
            _current = Task.CompletedTask;
        }

        Notify?.Invoke(true);
        Report(reports, reason);
    }

    /// <summary>The reason why there was no restart.</summary>
    private async Task<string> TryAsync()
    {
        if (check() is { Count: > 0 } failures)
        {
            return failures.Count == 1 ? failures[0] : $"{failures[0]} and {failures.Count - 1} more";
        }

        if (await rehearse(_stop.Token) is string refusal)
        {
            return refusal;
        }

        Action<string?>[] reports;
        lock (_lock)
        {
            if (_isStopping)
            {
                return "the server stops";
            }

            _hasBegun = true;
            reports = [.. _reports];
        }

        Report(reports, null);
        return await replace();
    }

    private void Report(Action<string?>[] reports, string? reason)
    {
        foreach (Action<string?> report in reports)
        {
            try
            {
                report(reason);
            }
            catch (Exception exception)
            {
                log.RestartFailed(exception);
            }
        }
    }
}
