using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Interrupts its own turns at random times: after a number of messages, or after a spin without any. Each utterance has a number that every
/// sentence of its reply repeats, so that a stale sentence is recognised. Its last letter selects the provider's behaviour
/// (<see cref="Reply"/>).
/// </summary>
internal sealed class InterruptingDevice(GatewayProcess gateway, string id, int seed) : IAsyncDisposable
{
    private const string Abort = """{"type":"abort"}""";
    private const char Quick = 'q';
    private const char Paced = 'p';
    private const char Stalling = 'h';
    private const char Silent = 's';

    private static readonly char[] s_behaviours = [Quick, Paced, Paced, Stalling, Silent];

    private readonly Random _random = new(seed);
    private DeviceClient? _device;
    private string _said = "";
    private int _number;

    public int Aborts { get; private set; }

    public int Interrupted { get; private set; }

    public int Dropped { get; private set; }

    /// <summary>Turns that ended before their interruption.</summary>
    public int TooLate { get; private set; }

    /// <summary>Returns three sentences at once, three with pauses, one without an end, or none.</summary>
    public static LlmReply Reply(string utterance)
    {
        string[] tokens = [utterance, "#1。", utterance, "#2。", utterance, "#3。"];
        return utterance[^1] switch
        {
            Paced => LlmReply.Paced(TimeSpan.FromMilliseconds(2), tokens),
            Stalling => LlmReply.Stalls(tokens[..2]),
            Silent => LlmReply.Silent(),
            _ => LlmReply.Says(tokens),
        };
    }

    public async Task RunAsync(int cycles)
    {
        await ConnectAsync();
        for (int i = 0; i < cycles; i++)
        {
            char behaviour = s_behaviours[_random.Next(s_behaviours.Length)];
            await SayAsync(behaviour);
            await ListenForAWhileAsync(behaviour);
            switch (_random.Next(20))
            {
                case 0:
                    _device!.Drop();
                    await _device.DisposeAsync();
                    await ConnectAsync();
                    _said = "";
                    Dropped++;
                    break;
                case < 6:
                    // The next utterance interrupts.
                    Interrupted++;
                    break;
                default:
                    await AbortAsync();
                    Aborts++;
                    break;
            }
        }

        await FinalTurnAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_device is not null)
        {
            await _device.DisposeAsync();
        }
    }

    private async Task ConnectAsync()
    {
        _device = await DeviceClient.ConnectAsync(gateway, id);
        await _device.HelloAsync();
    }

    /// <summary>
    /// Sends the next utterance and reads to its <c>stt</c>. Messages before it must belong to the previous turn; there must be none if that
    /// turn was aborted.
    /// </summary>
    private async Task SayAsync(char behaviour)
    {
        string before = _said;
        _said = string.Create(CultureInfo.InvariantCulture, $"{id}-{++_number}-{behaviour}");
        await _device!.SendAsync(DeviceTexts.Detect(_said));
        foreach (JsonObject message in await _device.ReceiveUntilAsync("stt"))
        {
            if (message.Kind() == "stt")
            {
                Assert.Equal(_said, message.Text());
            }
            else
            {
                AssertOf(before, message);
            }
        }
    }

    private async Task ListenForAWhileAsync(char behaviour)
    {
        // A stalling provider causes llm, start and one sentence; a silent provider causes no message.
        int messages = _random.Next(behaviour == Stalling ? 4 : 8);
        if (behaviour == Silent || _random.Next(3) == 0)
        {
            // Interrupt before or around the first token.
            Thread.SpinWait(_random.Next(20_000));
            return;
        }

        for (int i = 0; i < messages; i++)
        {
            JsonObject message = await _device!.ReceiveAsync();
            AssertOf(_said, message);
            if (message.Kind() == MessageKinds.Stop)
            {
                return;
            }
        }
    }

    /// <summary>After the abort's answer only the pong of the following ping may arrive.</summary>
    private async Task AbortAsync()
    {
        await _device!.SendAsync(Abort);
        await _device.SendAsync(DeviceTexts.Ping);
        IReadOnlyList<JsonObject> rest = await _device.ReceiveUntilAsync("pong");
        Assert.True(rest.Count >= 2, "the abort was not answered");
        Assert.Equal(MessageKinds.Stop, rest[^2].Kind());
        foreach (JsonObject message in rest.SkipLast(1))
        {
            AssertOf(_said, message);
        }

        TooLate += rest.Kinds().Count(static kind => kind == MessageKinds.Stop) - 1;
        _said = "";
    }

    private async Task FinalTurnAsync()
    {
        await SayAsync(Quick);
        IReadOnlyList<JsonObject> turn = await _device!.ReceiveUntilAsync("tts", "stop");
        Assert.Equal(["llm", "tts start", "tts sentence_start", "tts sentence_start", "tts sentence_start", MessageKinds.Stop], turn.Kinds());
        foreach (JsonObject message in turn)
        {
            AssertOf(_said, message);
        }

        await _device.SendAsync(DeviceTexts.Ping);
        Assert.Equal(["pong"], (await _device.ReceiveUntilAsync("pong")).Kinds());
    }

    private static void AssertOf(string utterance, JsonObject message)
    {
        Assert.NotEqual("", utterance);
        if (message.Kind() == "tts sentence_start")
        {
            Assert.StartsWith(utterance + "#", message.Text(), StringComparison.Ordinal);
        }
    }
}
