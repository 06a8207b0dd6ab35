using FastGate.Http.Server;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>
/// Server-sent events with one report of the whole gateway each second. All watchers share one report, which is made only while there are watchers; a
/// watcher that reads slowly misses reports and never delays the others. Beyond the bound a watcher is refused.
/// </summary>
internal sealed class EventFeed(Func<OverviewReport> read, AdminStreams streams, TimeProvider time)
{
    public const int MaxWatchers = 64;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private int _watchers;
    private ITimer? _timer;
    private TaskCompletionSource<ReadOnlyMemory<byte>> _next = NewEvent();

    /// <summary>Open streams.</summary>
    public int Watchers
    {
        get
        {
            lock (_lock)
            {
                return _watchers;
            }
        }
    }

    public void Map(AdminRoutes routes) => routes.Read(
        $"{AdminRoutes.Prefix}/events",
        new AdminOperation("events", "Server-sent events: one event named overview each second, with the numbers of the whole gateway")
        {
            ContentType = "text/event-stream",
            Errors = [StatusCodes.Status503ServiceUnavailable],
            Example = "/api/v1/events",
        },
        StreamAsync);

    private static TaskCompletionSource<ReadOnlyMemory<byte>> NewEvent() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task StreamAsync(HttpContext context)
    {
        if (!TryEnter(out ReadOnlyMemory<byte> report, out Task<ReadOnlyMemory<byte>> next))
        {
            throw new AdminProblemException(StatusCodes.Status503ServiceUnavailable, $"{MaxWatchers} clients watch the events already");
        }

        try
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, streams.Token);
            context.Response.ContentType = "text/event-stream";
            await WriteAsync(context, report, ends.Token);
            while (!HttpMethods.IsHead(context.Request.Method))
            {
                report = await next.WaitAsync(ends.Token);

                // Taken before the write: a watcher misses a report only while it has not read the one before.
                next = Next();
                await WriteAsync(context, report, ends.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has left, or the listener is about to pause.
        }
        finally
        {
            Leave();
        }
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> text, CancellationToken end)
    {
        await context.Response.Body.WriteAsync(text, end);
        await context.Response.Body.FlushAsync(end);
    }

    private Task<ReadOnlyMemory<byte>> Next()
    {
        lock (_lock)
        {
            return _next.Task;
        }
    }

    private bool TryEnter(out ReadOnlyMemory<byte> first, out Task<ReadOnlyMemory<byte>> next)
    {
        lock (_lock)
        {
            next = _next.Task;
            if (_watchers == MaxWatchers)
            {
                first = default;
                return false;
            }

            _watchers++;
            _timer ??= time.CreateTimer(static feed => ((EventFeed)feed!).Publish(), this, s_every, Timeout.InfiniteTimeSpan);
            first = Render();
            return true;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_watchers == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    private void Publish()
    {
        TaskCompletionSource<ReadOnlyMemory<byte>> due;
        ReadOnlyMemory<byte> text;
        lock (_lock)
        {
            if (_watchers == 0)
            {
                return;
            }

            _timer!.Change(s_every, Timeout.InfiniteTimeSpan);
            text = Render();
            (due, _next) = (_next, NewEvent());
        }

        due.SetResult(text);
    }

    /// <summary>Under the lock: the report of the busy loops compares with the one before.</summary>
    private byte[] Render() =>
        [.. "event: overview\ndata: "u8, .. JsonReply.Serialize(read(), AdminJson.Default.OverviewReport).Span, .. "\n\n"u8];
}
