using System.Buffers;
using System.Text.Json;
using FastGate.CommandLine.Simulation;
using FastGate.Protocol.Messages;

namespace FastGate.Tests.CommandLine;

/// <summary>The script and the messages of simulated devices.</summary>
public sealed class SimScriptTests
{
    [Fact]
    public void Each_step_is_read_from_one_line()
    {
        IReadOnlyList<SimStep>? steps = SimScript.Parse(
            "# a comment\nconnect\n\nwait 2\nwait 1-5.5\r\nsay \"hello there\"\nsay \"and\" nowait\nsay bird.wav\nsay tone\nsay tone 2 nowait\nabort\ngoodbye\nrepeat 10\nrepeat", out string? error);
        Assert.Null(error);
        Assert.Equal(
            [
                new SimStep(SimStepKind.Connect),
                new SimStep(SimStepKind.Wait, From: 2, To: 2),
                new SimStep(SimStepKind.Wait, From: 1, To: 5.5),
                new SimStep(SimStepKind.SayText, "hello there"),
                new SimStep(SimStepKind.SayText, "and", AwaitsReply: false),
                new SimStep(SimStepKind.SaySound, "bird.wav"),
                new SimStep(SimStepKind.SaySound, From: 1.5),
                new SimStep(SimStepKind.SaySound, From: 2, AwaitsReply: false),
                new SimStep(SimStepKind.Abort),
                new SimStep(SimStepKind.Goodbye),
                new SimStep(SimStepKind.Repeat, From: 10),
                new SimStep(SimStepKind.Repeat),
            ],
            steps);
    }

    [Theory]
    [InlineData("connect\njump", "line 2: \"jump\"")]
    [InlineData("wait", "line 1: \"wait\"")]
    [InlineData("wait 5-1", "line 1")]
    [InlineData("wait -1", "line 1")]
    [InlineData("wait 99999999", "line 1")]
    [InlineData("say hello", "line 1")]
    [InlineData("say \"\"", "line 1")]
    [InlineData("say tone 99", "line 1")]
    [InlineData("repeat 0", "line 1")]
    [InlineData("", "the script has no step")]
    [InlineData("repeat", "the script has no step")]
    [InlineData("connect\nrepeat", "a script with repeat needs a wait or a say")]
    public void Wrong_line_is_named(string script, string expected)
    {
        Assert.Null(SimScript.Parse(script, out string? error));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Default_script_is_valid() => Assert.NotNull(SimScript.Parse(SimScript.Default, out _));

    [Fact]
    public void Every_message_is_read_by_the_gateway_as_it_is_meant()
    {
        (string Message, DeviceMessageType Type)[] messages =
        [
            (SimMessages.Hello, DeviceMessageType.Hello),
            (SimMessages.ListenStart("s"), DeviceMessageType.Listen),
            (SimMessages.ListenStop("s"), DeviceMessageType.Listen),
            (SimMessages.Detect("s", "a \"b\" \\ 你"), DeviceMessageType.Listen),
            (SimMessages.Abort("s"), DeviceMessageType.Abort),
            (SimMessages.Goodbye("s"), DeviceMessageType.Goodbye),
        ];
        foreach ((string message, DeviceMessageType type) in messages)
        {
            Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(System.Text.Encoding.UTF8.GetBytes(message), out DeviceMessage read));
            Assert.Equal(type, read.Type);
        }
    }

    [Theory]
    [InlineData("initialize", "result")]
    [InlineData("tools/list", "result")]
    [InlineData("tools/call", "result")]
    [InlineData("other", "error")]
    public void Request_about_tools_is_answered_with_its_id(string method, string outcome)
    {
        var request = JsonElement.Parse($$"""{"jsonrpc":"2.0","id":"a1","method":"{{method}}"}""");
        JsonElement payload = JsonElement.Parse(SimMessages.AnswerTo("s", request)!).GetProperty("payload");
        Assert.Equal("a1", payload.GetProperty("id").GetString());
        Assert.True(payload.TryGetProperty(outcome, out _));
    }

    [Fact]
    public void Notification_is_not_answered() => Assert.Null(SimMessages.AnswerTo("s", JsonElement.Parse("""{"method":"notifications/initialized"}""")));

    [Fact]
    public void Ota_body_names_the_device_and_its_board()
    {
        var identity = SimIdentity.Of(1, 0x01020304);
        Assert.Equal("02:01:01:02:03:04", identity.DeviceId);
        var body = JsonElement.Parse(SimMessages.Ota(identity));
        Assert.Equal((identity.DeviceId, "simulated"), (body.GetProperty("mac_address").GetString(), body.GetProperty("board").GetProperty("type").GetString()));
    }

    [Fact]
    public void Devices_have_different_ids()
    {
        SimIdentity[] fleet = [.. Enumerable.Range(0, 1_000).SelectMany(static number => new[] { SimIdentity.Of(1, number), SimIdentity.Of(2, number) })];
        Assert.Equal(fleet.Length, fleet.Select(static identity => identity.DeviceId).Distinct().Count());
        Assert.Equal(fleet.Length, fleet.Select(static identity => identity.ClientId).Distinct().Count());
    }

    [Fact]
    public void Generated_sound_has_one_frame_for_each_60_ms() => Assert.Equal(25, SimSound.Tone(1.5).Length);

    [Fact]
    public void Recorded_sound_of_another_rate_becomes_frames_of_the_same_duration()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastgate-sim-{Guid.NewGuid():N}.wav");
        File.WriteAllBytes(path, FastGate.Speech.Recognition.WavFile.Create(new short[24_000], 24_000));
        try
        {
            // One second and the samples that the filter still holds.
            Assert.InRange(SimSound.Wav(path).Length, 16, 17);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
