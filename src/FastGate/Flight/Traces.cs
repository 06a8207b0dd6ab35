using System.Text;
using FastGate.Diagnostics;
using FastGate.Fleet;
using Microsoft.Extensions.Logging;

namespace FastGate.Flight;

/// <summary>
/// The traces that run. Their connections write lines, readers and a file get them. A connection that is not traced pays one read and one branch a message, and while
/// a trace runs one comparison; it allocates nothing (TraceAllocationTests).
/// Bounds: <see cref="MaxTraces"/> at once, <see cref="MaxMinutes"/>, <see cref="Trace.KeptLines"/> in memory, <see cref="MaxFile"/> bytes a file, and the
/// files of the last <see cref="KeptFiles"/> traces. A trace ends with its process: a restart in place ends it too.
/// </summary>
/// <param name="folder">Where the files are; null for none.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where a file that cannot be written is reported.</param>
internal sealed class Traces(string? folder, TimeProvider time, ILogger log)
{
    public const int MaxTraces = 8;
    public const int MaxMinutes = 60;
    public const long MaxFile = 16 * 1024 * 1024;
    public const int KeptFiles = 10;

    private static readonly TimeSpan s_readEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();

    // Replaced under the lock, read by any thread.
    private volatile Trace[] _running = [];
    private long _lastId;

    public bool IsOn => _running.Length > 0;

    public IReadOnlyList<Trace> Running => _running;

    /// <summary>Null at the bound of traces.</summary>
    public Trace? Begin(string? device, AddressRange? addresses, TimeSpan duration)
    {
        Trace? trace = Add(null, device, addresses, duration);
        if (trace is not null)
        {
            _ = RunAsync(trace, WriteFileAsync);
        }

        return trace;
    }

    /// <summary>A trace of another server, without a file here. Null at the bound of traces, and when one with its id runs.</summary>
    public Trace? Join(long id, string? device, AddressRange? addresses, TimeSpan duration)
    {
        Trace? trace = Add(id, device, addresses, duration);
        if (trace is not null)
        {
            _ = RunAsync(trace, static trace => FollowAsync(trace, static _ => Task.CompletedTask, CancellationToken.None));
        }

        return trace;
    }

    public Trace? Find(long id) => Array.Find(_running, trace => trace.Id == id);

    /// <summary>False when no such trace runs. The last line says why it has ended.</summary>
    public bool End(long id, string why = "request")
    {
        lock (_lock)
        {
            if (Find(id) is not { } trace)
            {
                return false;
            }

            trace.End(TraceLine.OfEvent(time.GetUtcNow(), trace.Device, "trace_ended", why));
            _running = [.. _running.Where(other => other != trace)];
            return true;
        }
    }

    /// <summary>Whether a trace gets the records of this connection. Any thread; allocates nothing.</summary>
    public bool IsTraced(ReadOnlySpan<byte> deviceId, UInt128 address)
    {
        foreach (Trace trace in _running)
        {
            if (trace.Matches(deviceId, address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A message. Called by the loop of the connection, only while <see cref="IsOn"/>.</summary>
    public void Text(string deviceId, UInt128 address, bool isInbound, ReadOnlySpan<byte> utf8)
    {
        string? line = null;
        foreach (Trace trace in _running)
        {
            if (trace.Matches(deviceId, address))
            {
                trace.Add(line ??= TraceLine.OfText(time.GetUtcNow(), deviceId, isInbound, utf8));
            }
        }
    }

    /// <summary>A frame whose content is not shown: sound, ping, close.</summary>
    public void Length(string deviceId, UInt128 address, bool isInbound, string kind, int length)
    {
        string? line = null;
        foreach (Trace trace in _running)
        {
            if (trace.Matches(deviceId, address))
            {
                trace.Add(line ??= TraceLine.OfLength(time.GetUtcNow(), deviceId, isInbound, kind, length));
            }
        }
    }

    public void Event(string deviceId, UInt128 address, string kind, string? detail)
    {
        foreach (Trace trace in _running)
        {
            if (trace.Matches(deviceId, address))
            {
                trace.Add(TraceLine.OfEvent(time.GetUtcNow(), deviceId, kind, detail));
            }
        }
    }

    /// <summary>A failed handshake or an end.</summary>
    public void Record(ConnectionRecord record)
    {
        foreach (Trace trace in _running)
        {
            if (trace.Matches(record))
            {
                trace.Add(TraceLine.OfRecord(record));
            }
        }
    }

    /// <summary>Writes the lines of a trace as they come, until it has ended or the reader is stopped; then what is left.</summary>
    public static async Task FollowAsync(Trace trace, Func<string, Task> write, CancellationToken stop)
    {
        long position = 0;
        while (true)
        {
            bool isLast = trace.IsEnded || stop.IsCancellationRequested;
            IReadOnlyList<string> lines = trace.Read(ref position);
            if (lines.Count > 0)
            {
                await write(string.Concat(lines.Select(static line => line + "\n")));
            }
            else if (isLast)
            {
                return;
            }
            else
            {
                await Task.Delay(s_readEvery, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Trace? Add(long? id, string? device, AddressRange? addresses, TimeSpan duration)
    {
        lock (_lock)
        {
            if (_running.Length == MaxTraces || (id is { } given && Find(given) is not null))
            {
                return null;
            }

            var trace = new Trace(
                id ?? (_lastId = Math.Max(_lastId + 1, time.GetUtcNow().ToUnixTimeMilliseconds())), device, addresses, time.GetUtcNow() + duration);
            _running = [.. _running, trace];
            return trace;
        }
    }

    private async Task RunAsync(Trace trace, Func<Trace, Task> write)
    {
        using var due = new CancellationTokenSource(trace.Until - time.GetUtcNow(), time);
        using CancellationTokenRegistration ends = due.Token.UnsafeRegister(_ => End(trace.Id, "time"), null);
        try
        {
            await write(trace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The readers of the stream still get the lines, and the trace still ends by its time.
            log.TraceNotWritten(trace.Id, exception.Message);
            await FollowAsync(trace, static _ => Task.CompletedTask, CancellationToken.None);
        }
    }

    private async Task WriteFileAsync(Trace trace)
    {
        await using FileStream? file = Create(trace.Id);
        await FollowAsync(
            trace,
            async lines =>
            {
                if (file is not null && file.Length < MaxFile)
                {
                    await file.WriteAsync(Encoding.UTF8.GetBytes(lines));
                    await file.FlushAsync();
                }
            },
            CancellationToken.None);
    }

    private FileStream? Create(long id)
    {
        if (folder is null)
        {
            return null;
        }

        Directory.CreateDirectory(folder);
        foreach (string old in Directory.GetFiles(folder, "trace-*.ndjson").OrderDescending(StringComparer.Ordinal).Skip(KeptFiles - 1))
        {
            File.Delete(old);
        }

        // Messages may be private: the owner only.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(folder, $"trace-{id}.ndjson"), options);
    }
}
