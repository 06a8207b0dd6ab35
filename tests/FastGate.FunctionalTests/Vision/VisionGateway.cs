using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.FunctionalTests.Conversations;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.FunctionalTests.Vision;

/// <summary>A server process whose pictures go to a scripted model, and a device's requests to it.</summary>
internal sealed class VisionGateway : IAsyncDisposable
{
    public const string Device = "aa:bb:cc:dd:ee:ff";
    public const string Path = "/mcp/vision/explain";

    private const string Key = "key-of-the-fleet";

    private readonly HttpClient _http = new() { Timeout = Deadline.Hang };

    private VisionGateway(FakeLlmServer llm, GatewayProcess gateway) => (Llm, Gateway) = (llm, gateway);

    public static byte[] Jpeg { get; } = [0xff, 0xd8, 0xff, 0xe0, .. Noise(20_000)];

    public FakeLlmServer Llm { get; }

    public GatewayProcess Gateway { get; }

    public static async Task<VisionGateway> StartAsync(Func<int, FakeLlmRequest, LlmReply> script, string type = "openai", params string[] options)
    {
        FakeLlmServer llm = type == "anthropic" ? await FakeAnthropicServer.StartAsync(script) : await FakeOpenAiServer.StartAsync(script);
        return new VisionGateway(llm, await GatewayProcess.StartAsync(
        [
            $"--FastGate:Llm:Providers:eyes:Type={type}", $"--FastGate:Llm:Providers:eyes:BaseUrl={llm.Address}/v1", "--FastGate:Llm:Providers:eyes:Model=eyes",
            "--FastGate:Llm:Providers:eyes:ApiKey=secret-of-the-test", "--FastGate:Llm:ByMode:vision=eyes", $"--FastGate:Auth:Key={Key}",
            .. ConversationGateway.LongTimeouts, .. options,
        ]));
    }

    /// <summary>Bytes of a picture: all values, line ends and boundaries among them.</summary>
    public static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        "\r\n--boundary\r\n"u8.CopyTo(bytes);
        return bytes;
    }

    /// <summary>A token as the server hands it to a device.</summary>
    public static string Token(string device = Device, TimeSpan age = default) =>
        new VisionTokens(new AuthPolicy(new AuthOptions { Key = Key }, NullLogger<AuthPolicy>.Instance)).Issue(device, DateTimeOffset.UtcNow - age)!;

    public static MultipartFormDataContent Form(string? question, byte[]? picture)
    {
        MultipartFormDataContent form = new("----ESP32_CAMERA_BOUNDARY");
        if (question is not null)
        {
            form.Add(new StringContent(question), "question");
        }

        if (picture is not null)
        {
            ByteArrayContent file = new(picture);
            file.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
            form.Add(file, "file", "camera.jpg");
        }

        return form;
    }

    public Task<(int Status, JsonObject Body)> SendAsync(string question, byte[] picture) => SendAsync(Form(question, picture), Token());

    public async Task<(int Status, JsonObject Body)> SendAsync(HttpContent content, string? token, string device = Device)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Gateway.HttpUri(Path)) { Content = content };

        // The server refuses a picture that is too large and closes the connection: a client that still sends would not see the answer.
        request.Headers.ExpectContinue = true;
        request.Headers.Add("Device-Id", device);
        request.Headers.Add("Client-Id", "a-client");
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token.Contains(' ', StringComparison.Ordinal) ? token : $"Bearer {token}");
        }

        using HttpResponseMessage reply = await _http.SendAsync(request);
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.MediaType);
        return ((int)reply.StatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync())!.AsObject());
    }

    public async Task<string> GetAsync() => await _http.GetStringAsync(Gateway.HttpUri(Path));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Gateway.DisposeAsync();
        await Llm.DisposeAsync();
    }
}
