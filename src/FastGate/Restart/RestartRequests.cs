using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Restart;

/// <summary>
/// Carries out a restart: the configuration is read as the next process will read it, then a successor is there and waits, then this process
/// drains. Whatever fails before that costs nobody a connection.
/// </summary>
/// <remarks>
/// One restart at a time; its state belongs to the one task that carries it out. Nothing here blocks a thread: a successor is looked at, as it
/// looks at us.
/// </remarks>
internal sealed class RestartRequests(
    Func<IReadOnlyList<string>> check, Func<ISuccessor> start, Func<bool> isSupervised, Action drain, ILogger<RestartRequests> log)
{
    /// <summary>What is started in place of a successor that ends while this process drains.</summary>
    private const int Replacements = 2;

    /// <summary>A start of a second, on a machine that is busy and short of memory.</summary>
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(20);

    private int _begun;

    /// <summary>
    /// Returns at once. <paramref name="told"/> hears null when the restart is under way, and the reason when it came to nothing, before that
    /// or after. A second request while one is under way joins it.
    /// </summary>
    public void Begin(Action<string?> told)
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
        {
            told(null);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.requests.HandOverAsync(work.told), (requests: this, told), preferLocal: false);
    }

    /// <summary>Nothing escapes: when descriptors are short anything may fail.</summary>
    private async Task HandOverAsync(Action<string?> told)
    {
        try
        {
            if (await TryHandOverAsync(told) is string refusal)
            {
                log.RestartRefused(refusal);
                GiveUp(told, refusal);
            }
        }
        catch (Exception exception)
        {
            log.RestartFailed(exception);
            GiveUp(told, exception.Message);
        }
    }

    private void GiveUp(Action<string?> told, string reason)
    {
        Volatile.Write(ref _begun, 0);
        told(reason);
    }

    /// <summary>Null once the drain has begun, or why it has not.</summary>
    private async Task<string?> TryHandOverAsync(Action<string?> told)
    {
        if (check() is { Count: > 0 } failures)
        {
            return failures.Count == 1 ? failures[0] : $"{failures[0]} and {failures.Count - 1} more";
        }

        told(null);
        if (isSupervised())
        {
            log.ExitForSupervisor();
            drain();
            return null;
        }

        ISuccessor successor = start();
        if (await LeaveStartAsync(successor) != SuccessorState.Waiting)
        {
            Discard(successor);
            return "the new process ended before it could take over";
        }

        drain();
        _ = GuardAsync(successor);
        return null;
    }

    /// <summary>Until this process ends: a successor that is lost meanwhile would leave no server at all.</summary>
    private async Task GuardAsync(ISuccessor successor)
    {
        try
        {
            for (int left = Replacements; ; left--)
            {
                SuccessorState state = await LeaveStartAsync(successor);
                if (state == SuccessorState.Waiting)
                {
                    log.SuccessorStarted(successor.ProcessId);
                }

                while (state == SuccessorState.Waiting)
                {
                    await Task.Delay(s_lookEvery);
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

    private static async Task<SuccessorState> LeaveStartAsync(ISuccessor successor)
    {
        long deadline = Environment.TickCount64 + (long)s_startLimit.TotalMilliseconds;
        SuccessorState state;
        while ((state = successor.Poll()) == SuccessorState.Starting && Environment.TickCount64 < deadline)
        {
            await Task.Delay(s_lookEvery);
        }

        return state;
    }

    private static void Discard(ISuccessor successor)
    {
        successor.Kill();
        successor.Dispose();
    }
}
