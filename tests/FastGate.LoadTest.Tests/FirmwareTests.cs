using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.Protocol.Messages;

namespace FastGate.LoadTest.Tests;

public class FirmwareTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("secret", "Authorization: Bearer secret")]
    [InlineData("Bearer secret", "Authorization: Bearer secret")]
    public void Request_has_the_headers_of_the_firmware_in_order(string? token, string? authorization)
    {
        var output = new ArrayBufferWriter<byte>();
        new FirmwareRequest("127.0.0.1", "/xiaozhi/v1/", token).Write(output, new FirmwareIdentity(seed: 1, number: 0x0A0B0C0D));
        string[] lines = Encoding.ASCII.GetString(output.WrittenSpan).Split("\r\n");
        Assert.Equal("GET /xiaozhi/v1/ HTTP/1.1", lines[0]);
        Assert.Equal("Host: 127.0.0.1", lines[1]);
        Assert.Equal(["", ""], lines[^2..]);
        string[] headers = lines[2..^2];
        Assert.Equal(headers.Order(StringComparer.Ordinal), headers);
        string[] names = ["Client-Id", "Connection", "Device-Id", "Protocol-Version", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Upgrade"];
        Assert.Equal(authorization is null ? names : ["Authorization", .. names], headers.Select(line => line.Split(':')[0]));
        Assert.Equal(authorization, headers.FirstOrDefault(line => line.StartsWith("Authorization", StringComparison.Ordinal)));
        Assert.Contains("Device-Id: 02:01:0a:0b:0c:0d", headers);
        Assert.Contains("Protocol-Version: 1", headers);
    }

    [Fact]
    public void Identities_depend_on_the_seed_and_differ()
    {
        static string Write(int seed, int number)
        {
            byte[] text = new byte[FirmwareIdentity.ClientIdLength + FirmwareIdentity.MacLength];
            new FirmwareIdentity(seed, number).WriteClientId(text);
            new FirmwareIdentity(seed, number).WriteMac(text.AsSpan(FirmwareIdentity.ClientIdLength));
            return Encoding.ASCII.GetString(text);
        }

        Assert.Equal(Write(5, 7), Write(5, 7));
        Assert.Equal(2_000, Enumerable.Range(0, 1_000).SelectMany(i => (string[])[Write(1, i), Write(2, i)]).Distinct().Count());
        Assert.True(Guid.TryParse(Write(1, 1)[..FirmwareIdentity.ClientIdLength], out Guid id));
        Assert.Equal('4', id.ToString()[14]);
    }

    [Fact]
    public void Gateway_reads_every_message()
    {
        var output = new ArrayBufferWriter<byte>();
        var session = Guid.NewGuid();
        FirmwareMessages.WriteDetect(output, session, "说 \"hello\"\n");
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(output.WrittenSpan, out DeviceMessage detect));
        Assert.Equal((DeviceMessageType.Listen, ListenState.Detect, "说 \"hello\"\n"), (detect.Type, detect.State, detect.GetText()));
        Assert.Equal(session, JsonDocument.Parse(output.WrittenMemory).RootElement.GetProperty("session_id").GetGuid());

        output.ResetWrittenCount();
        FirmwareMessages.WriteListenStart(output, session);
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(output.WrittenSpan, out DeviceMessage listen));
        Assert.Equal((DeviceMessageType.Listen, ListenState.Start), (listen.Type, listen.State));

        output.ResetWrittenCount();
        FirmwareMessages.WriteAbort(output, session);
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(output.WrittenSpan, out DeviceMessage abort));
        Assert.Equal(DeviceMessageType.Abort, abort.Type);
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(FirmwareMessages.Hello, out DeviceMessage hello));
        Assert.Equal(DeviceMessageType.Hello, hello.Type);
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(FirmwareMessages.Ping, out DeviceMessage ping));
        Assert.Equal(DeviceMessageType.Ping, ping.Type);
    }

    [Theory]
    [InlineData("""{"type":"pong"}""", GatewayReply.Pong)]
    [InlineData("""{ "timestamp":"x", "type" : "pong" }""", GatewayReply.Pong)]
    [InlineData("""{"type":"tts","state":"start","session_id":"s"}""", GatewayReply.TtsStart)]
    [InlineData("""{"state":"stop","type":"tts"}""", GatewayReply.TtsStop)]
    [InlineData("""{"type":"tts","state":"sentence_start","text":"\"type\":\"pong\""}""", GatewayReply.TtsSentence)]
    [InlineData("""{"type":"stt","text":"x","payload":{"type":"pong"}}""", GatewayReply.Stt)]
    [InlineData("""{"type":"llm","text":"🙂","state":"stop"}""", GatewayReply.Other)]
    [InlineData("""{"type":"system","message":"x"}""", GatewayReply.System)]
    [InlineData("""{"type":7}""", GatewayReply.Other)]
    [InlineData("设备注册失败", GatewayReply.Other)]
    public void Kind_of_a_reply_does_not_depend_on_the_order_of_keys(string text, object expected) =>
        Assert.Equal(expected, GatewayReplyReader.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Messages_of_the_gateway_are_read()
    {
        var output = new ArrayBufferWriter<byte>();
        var session = Guid.NewGuid();
        GatewayMessageWriter.WriteHello(output, session, 24_000, 1, 60);
        Assert.Equal(GatewayReply.Hello, GatewayReplyReader.Read(output.WrittenSpan, out Guid read));
        Assert.Equal(session, read);
    }

    [Fact]
    public void Audio_frames_have_the_sizes_of_opus_and_repeat_with_the_seed()
    {
        var first = new DeviceRandom(1, 2);
        var second = new DeviceRandom(1, 2);
        HashSet<int> sizes = [];
        for (int i = 0; i < 2_000; i++)
        {
            ReadOnlySpan<byte> frame = OpusFrames.Next(ref first);
            Assert.True(frame.SequenceEqual(OpusFrames.Next(ref second)));
            sizes.Add(frame.Length);
        }

        Assert.Equal((OpusFrames.MinSize, OpusFrames.MaxSize), (sizes.Min(), sizes.Max()));
    }

    [Fact]
    public void Source_addresses_stay_in_the_loopback_network()
    {
        var sources = new SourceAddresses(new IPEndPoint(IPAddress.Loopback, 80), 65_000);
        IPAddress[] addresses = [.. Enumerable.Range(0, 70_000).Select(i => sources.Of(i)!.Address)];
        Assert.All(addresses, address => Assert.True(IPAddress.IsLoopback(address)));
        Assert.Equal(65_000, addresses.Distinct().Count());
        Assert.Null(new SourceAddresses(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 80), 64).Of(1));
    }
}
