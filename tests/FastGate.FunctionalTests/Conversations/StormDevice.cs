using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// A device that interrupts itself all the time, at instants drawn from its seed: after so many messages of the turn, or after so many
/// spins without any. Every utterance has a number and every sentence of its reply repeats it, so that a stale one is known by sight.
/// Its last letter tells the provider how to behave (<see cref="Reply"/>).
/// </summary>
internal sealed class StormDevice(GatewayProcess gateway, string id, int seed) : IAsyncDisposable
{
    private const string Abort = """{"type":"abort"}""";
    private const char Quick = 'q';
    private const char Paced = 'p';
    private const char Stalling = 'h';
    private const char Silent = 's';

    private static readonly char[] s_manners = [Quick, Paced, Paced, Stalling, Silent];

    private readonly Random _random = new(seed);
    private DeviceClient? _device;
    private string _said = "";
    private int _number;

    public int Aborts { get; private set; }

    public int Interrupted { get; private set; }

    public int Dropped { get; private set; }

    /// <summary>Turns that were over before their interruption.</summary>
    public int TooLate { get; private set; }

    /// <summary>Three sentences at once or with pauses, one and then nothing more, or nothing at all.</summary>
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
            char manner = s_manners[_random.Next(s_manners.Length)];
            await SayAsync(manner);
            await ListenForAWhileAsync(manner);
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
                    // The next utterance is the interruption.
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

    /// <summary>Says the next thing and reads to its <c>stt</c>: what comes before that may only be of the turn before, and nothing at all if that was aborted.</summary>
    private async Task SayAsync(char manner)
    {
        string before = _said;
        _said = string.Create(CultureInfo.InvariantCulture, $"{id}-{++_number}-{manner}");
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

    private async Task ListenForAWhileAsync(char manner)
    {
        // llm, start and the first sentence come from a provider that stalls after it; from a silent one nothing does.
        int messages = _random.Next(manner == Stalling ? 4 : 8);
        if (manner == Silent || _random.Next(3) == 0)
        {
            // Before the first token, or about then.
            Thread.SpinWait(_random.Next(20_000));
            return;
        }

        for (int i = 0; i < messages; i++)
        {
            JsonObject message = await _device!.ReceiveAsync();
            AssertOf(_said, message);
            if (message.Kind() == Wire.Stop)
            {
                return;
            }
        }
    }

    /// <summary>After the answer to the abort nothing may come but the answer to what was sent behind it.</summary>
    private async Task AbortAsync()
    {
        await _device!.SendAsync(Abort);
        await _device.SendAsync(DeviceTexts.Ping);
        IReadOnlyList<JsonObject> rest = await _device.ReceiveUntilAsync("pong");
        Assert.True(rest.Count >= 2, "an abort without an answer");
        Assert.Equal(Wire.Stop, rest[^2].Kind());
        foreach (JsonObject message in rest.SkipLast(1))
        {
            AssertOf(_said, message);
        }

        TooLate += rest.Kinds().Count(static kind => kind == Wire.Stop) - 1;
        _said = "";
    }

    private async Task FinalTurnAsync()
    {
        await SayAsync(Quick);
        IReadOnlyList<JsonObject> turn = await _device!.ReceiveUntilAsync("tts", "stop");
        Assert.Equal(["llm", "tts start", "tts sentence_start", "tts sentence_start", "tts sentence_start", Wire.Stop], turn.Kinds());
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
