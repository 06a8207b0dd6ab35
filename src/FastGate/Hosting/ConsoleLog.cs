using System.Buffers;
using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Hosting;

/// <summary>
/// ZLogger's background writer behind a bounded queue. When nothing reads the console, further lines are dropped and counted: a log call never
/// waits, because event loops log. The number of dropped lines is written as soon as the console accepts lines again.
/// </summary>
/// <remarks>Entries are posted by any thread; formatting and its buffer belong to the one write loop.</remarks>
[ProviderAlias("Console")]
internal sealed class ConsoleLog : ILoggerProvider, IAsyncLogProcessor, IZLoggerFormatter
{
    /// <summary>The queue length of the framework's console logger.</summary>
    internal const int MaxQueuedLines = 2_500;

    /// <summary>At the end, queued lines are written for this long. A console that nothing reads must not keep the process alive.</summary>
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan s_flushPoll = TimeSpan.FromMilliseconds(1);

    private readonly ZLoggerOptions _options = new();
    private readonly IZLoggerFormatter _formatter;
    private readonly AsyncStreamLineMessageWriter _writer;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ILogger _reports;
    private IBufferWriter<byte>? _output;
    private int _queued;
    private long _dropped;

    // Of the write loop: entries that it has begun, and how many of them the console has.
    private long _formatted;
    private long _written;

    public ConsoleLog(Stream console, IZLoggerFormatter formatter)
    {
        _formatter = formatter;

        // The queue is bounded here, where dropped lines can be counted.
        _options.FullMode = BackgroundBufferFullMode.Grow;
        _options.UseFormatter(() => this);
        _writer = new AsyncStreamLineMessageWriter(new ReportingStream(console, () => Volatile.Write(ref _written, _formatted)), _options);
        _reports = new ZLoggerLogger("FastGate.Console", new InlineProcessor(this), _options, null);
    }

    public bool WithLineBreak => false;

    public ILogger CreateLogger(string categoryName) => new TracedLogger(
        new ZLoggerLogger(categoryName, this, _options, null), new ZLoggerLogger(categoryName, this, _options, TraceScope.Instance));

    public void Post(IZLoggerEntry log)
    {
        if (Interlocked.Increment(ref _queued) > MaxQueuedLines)
        {
            Interlocked.Decrement(ref _queued);
            Interlocked.Increment(ref _dropped);
            log.Return();
            return;
        }

        _writer.Post(log);
    }

    public void FormatLogEntry(IBufferWriter<byte> writer, IZLoggerEntry entry)
    {
        _output = writer;
        Volatile.Write(ref _formatted, _formatted + 1);
        Interlocked.Decrement(ref _queued);
        if (Volatile.Read(ref _dropped) > 0)
        {
            _reports.ZLogWarning($"The console did not accept log lines in time; {Interlocked.Exchange(ref _dropped, 0)} lines were dropped");
        }

        WriteLine(entry);
    }

    /// <summary>Completes when the console has every line that was posted before.</summary>
    public async Task FlushAsync()
    {
        while (Volatile.Read(ref _queued) > 0 || Volatile.Read(ref _written) < Volatile.Read(ref _formatted))
        {
            await Task.Delay(s_flushPoll);
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writer.DisposeAsync().AsTask().WaitAsync(s_flushTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing reads the console.
        }
    }

    /// <summary>One line for each entry: line breaks in texts from outside become spaces, because they could imitate another entry.</summary>
    private void WriteLine(IZLoggerEntry entry)
    {
        _line.ResetWrittenCount();
        _formatter.FormatLogEntry(_line, entry);
        Span<byte> line = _output!.GetSpan(_line.WrittenCount + 1);
        _line.WrittenSpan.CopyTo(line);
        Span<byte> text = line[.._line.WrittenCount];
        text.Replace((byte)'\n', (byte)' ');
        text.Replace((byte)'\r', (byte)' ');
        line[_line.WrittenCount] = (byte)'\n';
        _output.Advance(_line.WrittenCount + 1);
    }

    /// <summary>Writes an entry at once, on the write loop.</summary>
    private sealed class InlineProcessor(ConsoleLog log) : IAsyncLogProcessor
    {
        public void Post(IZLoggerEntry entry)
        {
            log.WriteLine(entry);
            entry.Return();
        }

        public ValueTask DisposeAsync() => default;
    }
}
