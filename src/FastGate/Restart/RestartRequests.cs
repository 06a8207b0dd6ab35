using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Restart;

/// <summary>
/// Carries out a restart: checks the configuration that the next process will read, starts a successor, waits until it is ready, then drains
/// this process. A failure before the drain closes no connection.
/// </summary>
/// <remarks>
/// One restart at a time; its state belongs to the one task that carries it out. No thread blocks: the successor is polled.
/// </remarks>
internal sealed class RestartRequests(
    Func<IReadOnlyList<string>> check, Func<ISuccessor> start, Func<bool> isSupervised, Action drain, ILogger<RestartRequests> log)
{
    /// <summary>How many more are started when a successor ends while this process drains.</summary>
    private const int Replacements = 2;

    /// <summary>A start takes about a second; this allows for a busy machine that is short of memory.</summary>
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    private int _begun;

    /// <summary>
    /// Returns at once. <paramref name="report"/> is called with null when the restart has begun, and with a reason when it fails, which may also
    /// be after that. A second request while a restart is in progress joins it.
    /// </summary>
    public void Begin(Action<string?> report)
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
        {
            report(null);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.requests.HandOverAsync(work.report), (requests: this, report), preferLocal: false);
    }

    /// <summary>Throws nothing: without free descriptors any step may fail.</summary>
    private async Task HandOverAsync(Action<string?> report)
    {
        try
        {
            if (await TryHandOverAsync(report) is string refusal)
            {
                log.RestartRefused(refusal);
                GiveUp(report, refusal);
            }
        }
        catch (Exception exception)
        {
            log.RestartFailed(exception);
            GiveUp(report, exception.Message);
        }
    }

    private void GiveUp(Action<string?> report, string reason)
    {
        Volatile.Write(ref _begun, 0);
        report(reason);
    }

    /// <summary>Null once the drain has begun, else the reason why it has not.</summary>
    private async Task<string?> TryHandOverAsync(Action<string?> report)
    {
        if (check() is { Count: > 0 } failures)
        {
            return failures.Count == 1 ? failures[0] : $"{failures[0]} and {failures.Count - 1} more";
        }

        report(null);
        if (isSupervised())
        {
            log.ExitForSupervisor();
            drain();
            return null;
        }

        ISuccessor successor = start();
        if (await WaitForStartAsync(successor) != SuccessorState.Waiting)
        {
            Discard(successor);
            return "the new process ended before it could take over";
        }

        drain();
        _ = GuardAsync(successor);
        return null;
    }

    /// <summary>Watches the successor until this process ends, because without a successor no server would be left.</summary>
    private async Task GuardAsync(ISuccessor successor)
    {
        try
        {
            for (int left = Replacements; ; left--)
            {
                SuccessorState state = await WaitForStartAsync(successor);
                if (state == SuccessorState.Waiting)
                {
                    log.SuccessorStarted(successor.ProcessId);
                }

                while (state == SuccessorState.Waiting)
                {
                    await Task.Delay(s_pollEvery);
                    state = successor.Poll();
                }

                Discard(successor);
                if (state == SuccessorState.Stopped)
                {
                    return;
                }

                if (left == 0)
                {
                    log.NoSuccessor(null);
                    return;
                }

                log.SuccessorLost(successor.ProcessId);
                successor = start();
            }
        }
        catch (Exception exception)
        {
            log.NoSuccessor(exception);
        }
    }

    private static async Task<SuccessorState> WaitForStartAsync(ISuccessor successor)
    {
        long deadline = Environment.TickCount64 + (long)s_startLimit.TotalMilliseconds;
        SuccessorState state;
        while ((state = successor.Poll()) == SuccessorState.Starting && Environment.TickCount64 < deadline)
        {
            await Task.Delay(s_pollEvery);
        }

        return state;
    }

    private static void Discard(ISuccessor successor)
    {
        successor.Kill();
        successor.Dispose();
    }
}
