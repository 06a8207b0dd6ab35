using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;
using FastGate.Sessions;
using FastGate.Testing.Conversation;
using FastGate.Tools.Device;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Tools.Device;

/// <summary>The tools of one device whose messages a test writes; the test is the loop. The test moves the clock.</summary>
internal sealed class ToolBench : IToolDevice, IDisposable
{
    public const string Volume =
        """{"name":"self.audio_speaker.set_volume","description":"Set the volume","inputSchema":{"type":"object","properties":{"volume":{"type":"integer","minimum":0,"maximum":100}},"required":["volume"]}}""";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Channel<JsonElement> _sent = Channel.CreateUnbounded<JsonElement>();

    public ToolBench()
    {
        Metrics = new DeviceToolMetrics(_services.GetRequiredService<IMeterFactory>());
        Services = new DeviceToolServices(static () => new ToolOptions(), Metrics, Time, Log);
        Device = new DeviceTools(Services, this);
    }

    public DeviceToolServices Services { get; }

    public DeviceTools Device { get; }

    public DeviceToolMetrics Metrics { get; }

    public ManualTimeProvider Time { get; } = new();

    public RecordingLogger<DeviceSession> Log { get; } = new();

    public string DeviceId => "lamp";

    public Guid SessionId { get; } = new("0d5ad1a4-7b0e-4c38-8f5f-2a9a3a0a5f3a");

    /// <summary>Messages that were sent and not received by the test.</summary>
    public int Unread => _sent.Reader.Count;

    public IReadOnlyList<AIFunction> Tools => Device.Tools;

    public void Dispose() => _services.Dispose();

    public void Send(byte[] message) => Assert.True(_sent.Writer.TryWrite(JsonElement.Parse(message)));

    /// <summary>The next message to the device.</summary>
    public async Task<JsonElement> NextAsync()
    {
        using var cancellation = new CancellationTokenSource(s_timeout);
        JsonElement message = await _sent.Reader.ReadAsync(cancellation.Token);
        Assert.Equal(SessionId, message.GetProperty("session_id").GetGuid());
        return message;
    }

    /// <summary>The next JSON-RPC message to the device.</summary>
    public async Task<JsonElement> NextCallAsync(string method)
    {
        JsonElement message = await NextAsync();
        Assert.Equal("mcp", message.GetProperty("type").GetString());
        JsonElement payload = message.GetProperty("payload");
        Assert.Equal("2.0", payload.GetProperty("jsonrpc").GetString());
        Assert.Equal(method, payload.GetProperty("method").GetString());
        return payload;
    }

    /// <summary>The device sends this payload.</summary>
    public void Answer(string payload)
    {
        byte[] message = Encoding.UTF8.GetBytes($$"""{"type":"mcp","payload":{{payload}}}""");
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(message, out DeviceMessage read));
        Device.OnMcp(McpMessageReader.Read(read.Payload));
    }

    public void Result(int id, string result) => Answer($$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}""");

    /// <summary>The device says hello and answers up to the first request of its tools.</summary>
    public async Task OfferAsync()
    {
        Device.OnOffered();
        JsonElement initialize = await NextCallAsync("initialize");
        Result(initialize.GetProperty("id").GetInt32(), """{"protocolVersion":"2024-11-05","capabilities":{"tools":{}}}""");
        await NextCallAsync("notifications/initialized");
        Assert.Equal(2, (await NextCallAsync("tools/list")).GetProperty("id").GetInt32());
    }

    /// <summary>A device with these tools.</summary>
    public async Task ListAsync(params string[] tools)
    {
        await OfferAsync();
        Result(2, $$"""{"tools":[{{string.Join(',', tools)}}]}""");
        await Log.Logged(2200);
    }

    /// <summary>Calls the only tool; the task ends with its result or its failure.</summary>
    public Task<object?> Call(AIFunctionArguments? arguments = null, CancellationToken cancellationToken = default) =>
        Assert.Single(Tools).InvokeAsync(arguments, cancellationToken).AsTask();
}
