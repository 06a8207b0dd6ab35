using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Vision;

/// <summary>Pictures of devices with a camera, over real HTTP to a model that shows what it received.</summary>
public sealed class VisionTests
{
    private const string Question = "这是什么？\r\nWhat is \"this\"?";

    [Theory]
    [InlineData("image/jpeg", new byte[] { 0xff, 0xd8, 0xff, 0xe0 })]
    [InlineData("image/png", new byte[] { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a })]
    [InlineData("image/gif", new byte[] { 0x47, 0x49, 0x46, 0x38, 0x39, 0x61 })]
    [InlineData("image/webp", new byte[] { 0x52, 0x49, 0x46, 0x46, 1, 2, 3, 4, 0x57, 0x45, 0x42, 0x50 })]
    public async Task Picture_reaches_a_compatible_model_as_it_was_sent(string mediaType, byte[] start)
    {
        byte[] picture = [.. start, .. VisionGateway.Noise(50_000)];
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("一只", "猫。"));
        (int status, JsonObject body) = await gateway.SendAsync(Question, picture);
        Assert.Equal(200, status);
        Assert.Equal("""{"success":true,"action":"RESPONSE","response":"一只猫。"}""", body.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        JsonElement user = User(gateway);
        Assert.Equal($"data:{mediaType};base64,{Convert.ToBase64String(picture)}", user[0].GetProperty("image_url").GetProperty("url").GetString());
        Assert.Equal(Question, user[1].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Picture_reaches_a_messages_server_as_it_was_sent()
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("A cat."), "anthropic");
        (int status, JsonObject body) = await gateway.SendAsync(Question, VisionGateway.Jpeg);
        Assert.Equal((200, "A cat."), (status, (string?)body["response"]));
        JsonElement user = User(gateway);
        JsonElement source = user[0].GetProperty("source");
        Assert.Equal(("base64", "image/jpeg"), (source.GetProperty("type").GetString(), source.GetProperty("media_type").GetString()));
        Assert.Equal(VisionGateway.Jpeg, source.GetProperty("data").GetBytesFromBase64());
        Assert.Equal(Question, user[1].GetProperty("text").GetString());
    }

    /// <summary>A board gets address and token with its MCP session and sends its picture with them.</summary>
    [Fact]
    public async Task Address_and_token_of_the_mcp_session_are_accepted()
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("ok"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway.Gateway, VisionGateway.Device);
        await device.SendAsync("""{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket"}""");
        JsonObject initialize = (await device.ReceiveUntilAsync("mcp"))[^1]["payload"]!.AsObject();
        JsonNode vision = initialize["params"]!["capabilities"]!["vision"]!;
        Uri url = new((string)vision["url"]!);
        Assert.Equal((gateway.Gateway.HttpPort, VisionGateway.Path), (url.Port, url.AbsolutePath));
        using MultipartFormDataContent form = VisionGateway.Form(Question, VisionGateway.Jpeg);
        (int status, JsonObject body) = await gateway.SendAsync(form, (string)vision["token"]!);
        Assert.Equal((200, "ok"), (status, (string?)body["response"]));
    }

    /// <summary>The bytes of a board: a chunked body in small pieces, the question without a type, and no wait for an answer before the end.</summary>
    [Fact]
    public async Task Chunked_request_of_a_board_is_answered()
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("ok"));
        using TcpClient board = new("127.0.0.1", gateway.Gateway.HttpPort);
        NetworkStream stream = board.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {VisionGateway.Path} HTTP/1.1\r\nHost: gateway:8003\r\nDevice-Id: {VisionGateway.Device.ToUpperInvariant()}\r\nClient-Id: c\r\n" +
            $"Authorization: Bearer {VisionGateway.Token()}\r\nContent-Type: multipart/form-data; boundary=----ESP32_CAMERA_BOUNDARY\r\nTransfer-Encoding: chunked\r\n" +
            "Connection: close\r\n\r\n"));
        await ChunkAsync(stream, Encoding.UTF8.GetBytes($"------ESP32_CAMERA_BOUNDARY\r\nContent-Disposition: form-data; name=\"question\"\r\n\r\n{Question}\r\n"));
        await ChunkAsync(stream, "------ESP32_CAMERA_BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"camera.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"u8.ToArray());
        foreach (byte[] piece in VisionGateway.Jpeg.Chunk(512))
        {
            await ChunkAsync(stream, piece);
        }

        await ChunkAsync(stream, "\r\n------ESP32_CAMERA_BOUNDARY--\r\n"u8.ToArray());
        await ChunkAsync(stream, []);
        string reply = await new StreamReader(stream).ReadToEndAsync().WaitAsync(Deadline.Hang);
        Assert.StartsWith("HTTP/1.1 200", reply, StringComparison.Ordinal);
        Assert.EndsWith("""{"success":true,"action":"RESPONSE","response":"ok"}""", reply, StringComparison.Ordinal);
        Assert.EndsWith(Convert.ToBase64String(VisionGateway.Jpeg), User(gateway)[0].GetProperty("image_url").GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_a_reason_and_never_reach_the_model()
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("no"), "openai", "--FastGate:Vision:TokenLifetime=01:00:00");
        (string Name, int Status, HttpContent Content, string? Token)[] rows =
        [
            ("no token", 401, Whole(), null),
            ("empty token", 401, Whole(), "Bearer "),
            ("another scheme", 401, Whole(), $"Basic {VisionGateway.Token()}"),
            ("garbage", 401, Whole(), "garbage"),
            ("token of another device", 401, Whole(), VisionGateway.Token("11:22:33:44:55:66")),
            ("old token", 401, Whole(), VisionGateway.Token(age: TimeSpan.FromHours(2))),
            ("token of the far future", 401, Whole(), VisionGateway.Token(age: TimeSpan.FromHours(-2))),
            ("changed time", 401, Whole(), VisionGateway.Token() + "0"),
            ("no form", 400, new StringContent("{}"), VisionGateway.Token()),
            ("no question", 400, VisionGateway.Form(null, VisionGateway.Jpeg), VisionGateway.Token()),
            ("blank question", 400, VisionGateway.Form(" ", VisionGateway.Jpeg), VisionGateway.Token()),
            ("no file", 400, VisionGateway.Form(Question, null), VisionGateway.Token()),
            ("empty file", 400, VisionGateway.Form(Question, []), VisionGateway.Token()),
            ("cut form", 400, Cut(), VisionGateway.Token()),
            ("no picture", 415, VisionGateway.Form(Question, "<svg xmlns='x'/>"u8.ToArray()), VisionGateway.Token()),
            ("endless question", 413, VisionGateway.Form(new string('x', 100_000), VisionGateway.Jpeg), VisionGateway.Token()),
        ];
        foreach ((string name, int expected, HttpContent content, string? token) in rows)
        {
            (int status, JsonObject body) = await gateway.SendAsync(content, token);
            Assert.Equal((name, expected), (name, status));
            Assert.False((bool?)body["success"]);
            Assert.NotEqual("", (string?)body["message"]);
        }

        Assert.Empty(gateway.Llm.Received);
        Assert.Equal(200, (await gateway.SendAsync(Question, VisionGateway.Jpeg)).Status);
        Assert.DoesNotContain(Question, gateway.Gateway.Log, StringComparison.Ordinal);

        static HttpContent Whole() => VisionGateway.Form(Question, VisionGateway.Jpeg);

        static HttpContent Cut()
        {
            byte[] whole = VisionGateway.Form(Question, VisionGateway.Jpeg).ReadAsByteArrayAsync().GetAwaiter().GetResult();
            ByteArrayContent cut = new(whole[..^200]);
            cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=----ESP32_CAMERA_BOUNDARY");
            return cut;
        }
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1, 413)]
    [InlineData(500_000, 413)]
    public async Task Picture_above_the_bound_is_refused(int excess, int expected)
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("ok"), "openai", "--FastGate:Vision:MaxBytes=100000");
        byte[] picture = [0xff, 0xd8, 0xff, .. VisionGateway.Noise(100_000 - 3 + excess)];
        Assert.Equal(expected, (await gateway.SendAsync(Question, picture)).Status);
        Assert.Equal(expected == 200 ? 1 : 0, gateway.Llm.Received.Count);
    }

    [Fact]
    public async Task Pictures_above_the_bound_at_once_are_refused_and_the_place_is_free_again()
    {
        TaskCompletionSource first = new();
        await using VisionGateway gateway = await VisionGateway.StartAsync((_, _) => LlmReply.Slow(first.Task, "ok"), "openai", "--FastGate:Vision:Concurrency=1");
        Task<(int Status, JsonObject Body)> waiting = gateway.SendAsync(Question, VisionGateway.Jpeg);
        await Eventually.TrueAsync(() => !gateway.Llm.Received.IsEmpty);
        Assert.Equal(503, (await gateway.SendAsync(Question, VisionGateway.Jpeg)).Status);
        first.SetResult();
        Assert.Equal(200, (await waiting).Status);
        Assert.Equal(200, (await gateway.SendAsync(Question, VisionGateway.Jpeg)).Status);
    }

    /// <summary>The device passes these to the model, which tells the user: a status other than 200 would be dropped.</summary>
    [Theory]
    [InlineData("00:01:00", "failed")]
    [InlineData("00:00:01", "in time")]
    public async Task Failed_model_is_reported_to_the_device_and_no_other_model_is_asked(string timeout, string reason)
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(
            (_, _) => reason == "failed" ? LlmReply.Fails(500) : LlmReply.Silent(), "openai", "--FastGate:Llm:Default=eyes", "--FastGate:Llm:ByMode:default=eyes",
            $"--FastGate:Vision:Timeout={timeout}");
        (int status, JsonObject body) = await gateway.SendAsync(Question, VisionGateway.Jpeg);
        Assert.Equal(200, status);
        Assert.False((bool?)body["success"]);
        Assert.Contains(reason, (string?)body["message"], StringComparison.Ordinal);

        // On a slow machine the call may time out before the model has read it.
        Assert.InRange(gateway.Llm.Received.Count, reason == "failed" ? 1 : 0, 1);
    }

    [Theory]
    [InlineData("--FastGate:Llm:ByMode:vision=", "FastGate:Llm:ByMode:vision")]
    [InlineData("--FastGate:Llm:Providers:eyes:Type=dify", "takes no pictures")]
    public async Task Missing_model_for_pictures_is_reported_to_the_device(string option, string reason)
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("no"), "openai", option);
        (int status, JsonObject body) = await gateway.SendAsync(Question, VisionGateway.Jpeg);
        Assert.Equal(200, status);
        Assert.False((bool?)body["success"]);
        Assert.Contains(reason, (string?)body["message"], StringComparison.Ordinal);
        Assert.Contains(reason, await gateway.GetAsync(), StringComparison.Ordinal);
        Assert.Empty(gateway.Llm.Received);
    }

    /// <summary>The way of a board: OTA, hello, the address and the token of the MCP session, a picture.</summary>
    [Fact]
    public async Task Device_sends_a_picture_with_the_address_and_the_token_of_its_session()
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("A cat."));
        using HttpClient http = new();
        using HttpRequestMessage boot = new(HttpMethod.Post, gateway.Gateway.HttpUri("/xiaozhi/ota/")) { Content = new StringContent("{}") };
        boot.Headers.Host = $"localhost:{gateway.Gateway.HttpPort}";
        boot.Headers.Add("Device-Id", VisionGateway.Device);
        boot.Headers.Add("Client-Id", "a-client");
        Assert.True((await http.SendAsync(boot)).IsSuccessStatusCode);

        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway.Gateway, VisionGateway.Device);
        await device.SendAsync("""{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket"}""");
        JsonObject initialize = (await device.ReceiveUntilAsync("mcp"))[^1]["payload"]!.AsObject();
        JsonNode vision = initialize["params"]!["capabilities"]!["vision"]!;
        Assert.Equal($"http://localhost:{gateway.Gateway.HttpPort}{VisionGateway.Path}", (string?)vision["url"]);
        (int status, JsonObject body) = await gateway.SendAsync(VisionGateway.Form(Question, VisionGateway.Jpeg), (string?)vision["token"]);
        Assert.Equal((200, "A cat."), (status, (string?)body["response"]));
    }

    [Fact]
    public async Task Address_says_in_a_browser_that_it_works()
    {
        await using VisionGateway gateway = await VisionGateway.StartAsync(static (_, _) => LlmReply.Says("no"));
        Assert.Contains($"http://127.0.0.1:{gateway.Gateway.HttpPort}{VisionGateway.Path}", await gateway.GetAsync(), StringComparison.Ordinal);
    }

    private static JsonElement User(VisionGateway gateway) => gateway.Llm.Received.Single().Body.GetProperty("messages").EnumerateArray()
        .Single(static message => message.GetProperty("role").GetString() == "user").GetProperty("content");

    private static async Task ChunkAsync(NetworkStream stream, byte[] piece)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"));
        await stream.WriteAsync(piece);
        await stream.WriteAsync("\r\n"u8.ToArray());
    }
}
