using System.Net;
using System.Text;
using System.Text.Json;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Flight;

/// <summary>Lines of traces: what they show, what they hide, and their bounds.</summary>
public sealed class TraceTests
{
    private const string Device = "aa:01";

    private static readonly IPEndPoint s_peer = new(IPAddress.Parse("192.0.2.7"), 4711);
    private static readonly UInt128 s_address = AddressRange.ValueOf(s_peer.Address);

    [Theory]
    [InlineData("""{"type":"hello","token":"planted"}""")]
    [InlineData("""{"type":"server","content":{"secret":"planted"}}""")]
    [InlineData("""{"payload":{"params":{"capabilities":{"vision":{"url":"http://a/","token":"planted"}}}}}""")]
    [InlineData("""{"headers":["Authorization: Bearer planted"]}""")]
    [InlineData("""{"url":"ws://a/?token=planted"}""")]
    [InlineData("""{"ApiKey":{"value":"planted"}}""")]
    [InlineData("""{"accessTokens":["planted"]}""")]
    [InlineData("planted, and no JSON")]
    public void Secret_is_left_out(string message)
    {
        string line = TraceLine.OfText(DateTimeOffset.UnixEpoch, Device, isInbound: true, Encoding.UTF8.GetBytes(message));

        Assert.DoesNotContain("planted", line, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(line);
        Assert.Equal(message.Length, json.RootElement.GetProperty("length").GetInt32());
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\0\u001b[31m\u2028")]
    [InlineData("quotes \" and \\")]
    [InlineData("中文 😀")]
    public void Every_message_is_one_line_of_valid_json(string text)
    {
        string message = JsonSerializer.Serialize(new Dictionary<string, string> { ["text"] = text });
        string line = TraceLine.OfText(DateTimeOffset.UnixEpoch, Device, isInbound: false, Encoding.UTF8.GetBytes(message));
        using var json = JsonDocument.Parse(line);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(text, json.RootElement.GetProperty("message").GetProperty("text").GetString());
    }

    [Fact]
    public void Words_are_shown()
    {
        string line = TraceLine.OfText(DateTimeOffset.UnixEpoch, Device, isInbound: true, """{"type":"listen","text":"turn it on"}"""u8);
        Assert.Contains("turn it on", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_gets_the_lines_of_its_device_only_and_its_file_has_them()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var traces = new Traces(folder, TimeProvider.System, NullLogger.Instance);
            Assert.False(traces.IsOn);
            Trace trace = traces.Begin(Device, null, TimeSpan.FromMinutes(1))!;
            Assert.True(traces.IsOn);
            traces.Text(Device, s_address, isInbound: true, """{"type":"ping"}"""u8);
            traces.Text("other", s_address, isInbound: true, """{"type":"hello"}"""u8);
            traces.Length(Device, s_address, isInbound: false, "binary", 120);
            traces.Record(new ConnectionRecord { At = DateTimeOffset.UnixEpoch, Verdict = Verdict.Left, DeviceId = Device, Peer = s_peer });
            Assert.True(traces.End(trace.Id));
            Assert.False(traces.End(trace.Id));

            List<string> lines = [];
            await Traces.FollowAsync(trace, text => Add(lines, text), default).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(["text", "binary", "left", "trace_ended"], lines.Select(KindOf));

            string file = Path.Combine(folder, $"trace-{trace.Id}.ndjson");
            await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllLines(file).Length == 4, "the file has all lines");
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), "only the owner reads it");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("192.0.2.0/24")]
    public void Trace_of_an_address_gets_every_device_of_it(string addresses)
    {
        var traces = new Traces(null, TimeProvider.System, NullLogger.Instance);
        Assert.True(AddressRange.TryParse(addresses, out AddressRange range));
        Trace trace = traces.Begin(null, range, TimeSpan.FromMinutes(1))!;
        traces.Length("a", s_address, isInbound: true, "ping", 0);
        traces.Length("b", AddressRange.ValueOf(s_peer.Address.MapToIPv6()), isInbound: true, "ping", 0);
        traces.Length("c", AddressRange.ValueOf(IPAddress.Loopback), isInbound: true, "ping", 0);
        Assert.Equal(2, trace.Lines);
        Assert.True(traces.End(trace.Id));
    }

    [Fact]
    public void Reader_that_is_too_slow_learns_how_many_lines_it_missed()
    {
        var trace = new Trace(1, Device, null, DateTimeOffset.MaxValue);
        for (int i = 0; i < Trace.KeptLines + 5; i++)
        {
            trace.Add($"{i}");
        }

        long position = 0;
        List<string> lines = [];
        while (trace.Read(ref position) is { Count: > 0 } next)
        {
            Assert.InRange(next.Count, 1, Trace.MaxRead + 1);
            lines.AddRange(next);
        }

        Assert.Contains("\"count\":5", lines[0], StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(5, Trace.KeptLines).Select(static i => $"{i}"), lines.Skip(1));
    }

    [Fact]
    public void Last_line_says_why_the_trace_has_ended()
    {
        var traces = new Traces(null, TimeProvider.System, NullLogger.Instance);
        Trace trace = traces.Begin(Device, null, TimeSpan.FromMinutes(1))!;
        traces.End(trace.Id);
        trace.Add("a message that was on its way");
        long position = 0;
        using var last = JsonDocument.Parse(Assert.Single(trace.Read(ref position)));
        Assert.Equal(("trace_ended", "request"), (last.RootElement.GetProperty("kind").GetString(), last.RootElement.GetProperty("detail").GetString()));
    }

    /// <summary>Also when its file cannot be written: the folder is the name of a file here.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trace_ends_by_its_time(bool hasFile)
    {
        string file = Path.GetTempFileName();
        try
        {
            var time = new ManualTimeProvider();
            var traces = new Traces(hasFile ? file : null, time, NullLogger.Instance);
            Trace trace = traces.Begin(Device, null, TimeSpan.FromMinutes(5))!;
            time.Turn(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
            Assert.False(trace.IsEnded);
            time.Turn(TimeSpan.FromTicks(1));
            await Eventually.TrueAsync(() => trace.IsEnded, "the trace has ended");
            Assert.Empty(traces.Running);
            long position = 0;
            Assert.Contains("\"detail\":\"time\"", Assert.Single(trace.Read(ref position)), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Traces_are_bounded()
    {
        var traces = new Traces(null, TimeProvider.System, NullLogger.Instance);
        long[] ids = [.. Enumerable.Range(0, Traces.MaxTraces).Select(i => traces.Begin($"d{i}", null, TimeSpan.FromMinutes(1))!.Id)];
        Assert.Null(traces.Begin("one more", null, TimeSpan.FromMinutes(1)));
        Assert.Equal(Traces.MaxTraces, ids.Distinct().Count());
        Assert.All(ids, id => Assert.True(traces.End(id)));
        Assert.False(traces.IsOn);
    }

    private static Task Add(List<string> lines, string text)
    {
        lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return Task.CompletedTask;
    }

    private static string KindOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("kind").GetString()!;
    }
}
