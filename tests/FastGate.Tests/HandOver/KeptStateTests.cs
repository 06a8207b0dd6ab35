using FastGate.HandOver;
using FastGate.Tests.Contract;

namespace FastGate.Tests.HandOver;

/// <summary>
/// States of earlier versions, kept as hexadecimal text in <c>States</c>, each with what is read of it. <c>FASTGATE_UPDATE_GOLDEN=1</c> writes a
/// missing file of the present version, and the expected texts; a state that is there is never written again. docs/decisions/0003-state-record.md
/// describes when a file is added.
/// </summary>
public sealed class KeptStateTests
{
    private const int BytesInLine = 32;

    private static readonly string s_folder = Path.Combine(SourceTree.Root, "tests", "FastGate.Tests", "HandOver", "States");

    public static TheoryData<string> Names => [.. Directory.GetFiles(s_folder, "*.hex").Select(static file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kept_state_is_read(string name) =>
        GoldenFile.AssertSame(Path.Combine(s_folder, $"{name}.txt"), StateText.Of(StateReader.Read(Load(name))).TrimEnd('\n').Split('\n').Where(IsSet));

    /// <summary>A difference means that a tag, a size or a default has changed, which the image before this one could not read.</summary>
    [Fact]
    public void The_present_version_is_written_as_the_kept_state()
    {
        var output = new MemoryStream();
        StateWriter.Write(output, Sample());
        string name = $"version-{StateFormat.Version}";
        AddMissing(name, output.ToArray());
        Assert.Equal(Convert.ToHexString(Load(name)), Convert.ToHexString(output.ToArray()));
    }

    [Fact]
    public void States_of_every_kind_are_kept()
    {
        byte[] known = StateFile.Fields((2, [1]), (3, "94:a9:90:00:00:01"u8.ToArray()));
        byte[] withLowTag = [.. known, .. StateFile.Fields((127, [1, 2, 3]), (13, StateFile.Fields((7, [5, 0, 0, 0]), (126, []))))];
        byte[] withHighTag = [.. known, .. StateFile.Fields((128, [1, 2, 3]))];
        AddMissing("newer-version", new StateFile { Version = 1000 }.Listener(3, "devices").Connection(9, [0x81, 0x01, 0x61], withLowTag).ToBytes());
        AddMissing("unknown-low-tag", new StateFile().Listener(3, "devices").Connection(9, [], withLowTag).ToBytes());
        AddMissing("unknown-high-tag", new StateFile().Listener(3, "devices").Connection(9, [0x81, 0x01, 0x61], withHighTag).Connection(10, [], known).ToBytes());
        Assert.Superset(
            new HashSet<string> { "newer-version", "unknown-low-tag", "unknown-high-tag", $"version-{StateFormat.Version}", $"version-{StateFormat.OldestVersion}" },
            Directory.GetFiles(s_folder, "*.hex").Select(static file => Path.GetFileNameWithoutExtension(file)).ToHashSet());
    }

    /// <summary>Leaves out defaults, so that a new field changes no expected text.</summary>
    private static bool IsSet(string line) => line.Split(" = ")[1] is not ("0" or "-1" or "False" or "null" or "empty" or "no bytes");

    private static byte[] Load(string name) => Convert.FromHexString(string.Concat(File.ReadAllLines(Path.Combine(s_folder, $"{name}.hex"))));

    private static void AddMissing(string name, byte[] bytes)
    {
        string path = Path.Combine(s_folder, $"{name}.hex");
        if (Environment.GetEnvironmentVariable("FASTGATE_UPDATE_GOLDEN") == "1" && !File.Exists(path))
        {
            File.WriteAllLines(path, bytes.Chunk(BytesInLine).Select(static line => Convert.ToHexString(line)));
        }
    }

    /// <summary>Every field of version 1 with a value that is not its default. Fields that are added later stay at their default here.</summary>
    private static GatewayState Sample() => new()
    {
        QuietAtUnixMs = 1_795_000_000_000,
        Listeners = [new ListenerState("devices", [3, 4]), new ListenerState("http", [5]), new ListenerState("admin", [6])],
        Languages = [new DeviceLanguageState("94:a9:90:00:00:01", 2), new DeviceLanguageState("设备", 1)],
        Connections =
        [
            new ConnectionState
            {
                Descriptor = 20,
                UnreadInput = "unread"u8.ToArray(),
                UnsentOutput = "unsent"u8.ToArray(),
                Phase = 1,
                DeviceId = "94:a9:90:00:00:01",
                IdentitySource = 2,
                EndReason = 3,
                OpenedAgeMs = 3_600_000,
                LastInboundAgeMs = 700,
                WarnedAgeMs = 650,
                PhaseLeftMs = 1000,
                WriteLeftMs = 2000,
                CloseLeftMs = 3000,
                PartialMessage = new byte[] { 1, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 },
                Session = new SessionState
                {
                    SessionId = Guid.ParseExact("00112233445566778899aabbccddeeff", "N"),
                    Framing = 3,
                    HelloSeen = true,
                    WantsEmotion = false,
                    Ending = true,
                    Speaking = true,
                    TurnNumber = 12,
                    Language = 1,
                    FollowsWords = true,
                    WrongSecrets = 4,
                    StreamedAgeMs = 80,
                    Ear = new EarState(2, new byte[] { 1, 0, 2, 0 }, HasEnded: true) { Words = "words", NextSound = new byte[] { 3, 0 } },
                    Playback = new PlaybackState
                    {
                        FramesSent = 4_000_000_000,
                        StartedAtUnixMs = 1_794_999_999_000,
                        Outcome = 2,
                        IsLine = true,
                        Items = [new PlaybackItemState("你好", default), new PlaybackItemState(null, new byte[] { 0xF8, 0xFF }), new PlaybackItemState("", default)],
                    },
                    Tools = new ToolsState
                    {
                        McpTools = [(ReadOnlyMemory<byte>)"{\"name\":\"self.light\"}"u8.ToArray(), default],
                        AsksAgain = true,
                        NextId = 17,
                        IotDescriptors = "[1]"u8.ToArray(),
                        IotStates = "[2]"u8.ToArray(),
                    },
                    Dialogue = [new DialogueTurnState("question", "answer"), new DialogueTurnState("", "")],
                },
            },
            new ConnectionState { Descriptor = 21 },
        ],
    };
}
