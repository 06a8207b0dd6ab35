using System.Globalization;
using System.Text;
using System.Text.Json;
using FastGate.Diagnostics;
using FastGate.Hosting;
using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Tests.Hosting;

public sealed class ConsoleLogTests
{
    [Fact]
    public async Task Line_has_utc_time_level_category_and_event_id()
    {
        string line = Assert.Single(await WriteAsync(new PlainTextLine(), static logger => logger.QueueFull(7)));

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn: A\.Category\[3024\] .*7.*$", line);
        var time = DateTimeOffset.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(DateTimeOffset.UtcNow - time, TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Exception_and_line_breaks_stay_on_one_line()
    {
        string line = Assert.Single(await WriteAsync(new PlainTextLine(), static logger => logger.Escaped(new InvalidOperationException("a\r\nb"), "c\nd", "e")));

        Assert.Contains("fail: A.Category[2003]", line, StringComparison.Ordinal);
        Assert.Contains("c d", line, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException: a  b", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_utc_time_with_offset_event_id_and_state()
    {
        string line = Assert.Single(await WriteAsync(
            new JsonLine(), static logger => logger.Ended("c1", "设备", ConnectionEndReason.PeerClosed)));

        JsonElement json = JsonDocument.Parse(line).RootElement;
        Assert.EndsWith("+00:00", json.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
        Assert.Equal("Debug", json.GetProperty("LogLevel").GetString());
        Assert.Equal("A.Category", json.GetProperty("Category").GetString());
        Assert.Equal(2001, json.GetProperty("EventId").GetInt32());
        Assert.Contains("设备", json.GetProperty("Message").GetString(), StringComparison.Ordinal);
        Assert.Equal("设备", json.GetProperty("State").GetProperty("DeviceId").GetString());
        Assert.Equal("PeerClosed", json.GetProperty("State").GetProperty("Reason").GetString());
    }

    [Fact]
    public async Task Json_has_the_exception()
    {
        string line = Assert.Single(await WriteAsync(new JsonLine(), static logger => logger.TurnFaulted(new InvalidOperationException("bug"))));

        JsonElement exception = JsonDocument.Parse(line).RootElement.GetProperty("Exception");
        Assert.Equal("System.InvalidOperationException", exception.GetProperty("Name").GetString());
        Assert.Equal("bug", exception.GetProperty("Message").GetString());
    }

    [Fact]
    public async Task Blocked_console_drops_lines_and_their_number_is_written_afterwards()
    {
        const int Lines = 3 * ConsoleLog.MaxQueuedLines;
        using var console = new BlockedStream();
        var log = new ConsoleLog(console, new PlainTextLine());
        ILogger logger = log.CreateLogger("A.Category");
        for (int i = 0; i < Lines; i++)
        {
            logger.QueueFull(i);
        }

        console.Unblock();
        logger.QueueFull(-1);
        await log.DisposeAsync();

        string[] lines = console.Lines();
        string[] reports = [.. lines.Where(static line => line.Contains("FastGate.Console", StringComparison.Ordinal))];
        int dropped = reports.Sum(static line => int.Parse(line.Split("; ")[1].Split(' ')[0], CultureInfo.InvariantCulture));
        Assert.NotEmpty(reports);
        Assert.True(dropped > 0);
        Assert.Equal(Lines + 1, dropped + lines.Length - reports.Length);
    }

    private static async Task<string[]> WriteAsync(IZLoggerFormatter formatter, Action<ILogger> write)
    {
        using var console = new BlockedStream();
        console.Unblock();
        var log = new ConsoleLog(console, formatter);
        write(log.CreateLogger("A.Category"));
        await log.DisposeAsync();
        return console.Lines();
    }

    /// <summary>A console whose writes wait until it is unblocked.</summary>
    private sealed class BlockedStream : MemoryStream
    {
        private readonly ManualResetEventSlim _open = new();

        public void Unblock() => _open.Set();

        public string[] Lines() => Encoding.UTF8.GetString(ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public override void Write(byte[] buffer, int offset, int count)
        {
            _open.Wait();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _open.Wait();
            base.Write(buffer);
        }
    }
}
