using System.Diagnostics;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Third-party clients hold a conversation, reconnect, and are remembered.</summary>
public sealed class RealClientTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string First = "今天天气怎么样？";
    private const string Second = "And tomorrow?";

    private GatewayProcess Gateway => fixture.Gateway;

    [RequiresProgramFact(RequiredProgram.PythonWebSockets)]
    public Task Python_websockets_converses() =>
        ConverseAsync("py-01", ExternalProgram.Python, [Path.Combine(RepositoryPaths.Clients, "python_client.py")]);

    [RequiresProgramFact(RequiredProgram.NodeWs)]
    public Task Node_ws_converses() =>
        ConverseAsync("node-01", "node", [Path.Combine(RepositoryPaths.Clients, "node", "client.js")]);

    [RequiresProgramFact(RequiredProgram.Jdk)]
    public Task Java_net_http_converses() =>
        ConverseAsync("java-01", "java", [Path.Combine(RepositoryPaths.Clients, "Client.java")]);

    [Fact]
    public async Task ClientWebSocket_converses()
    {
        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway, "DOTNET-01"))
        {
            JsonObject hello = await device.HelloAsync();
            Transcript.AssertTurn([hello, .. await device.SayAsync(First)], First);
            await device.PingAsync();
            await device.CloseAsync();
        }

        await using (DeviceClient device = await DeviceClient.ConnectAsync(Gateway, "DOTNET-01"))
        {
            JsonObject hello = await device.HelloAsync();
            Transcript.AssertTurn([hello, .. await device.SayAsync(Second)], Second);
            device.Drop();
        }

        await AssertRememberedAsync("dotnet-01");
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Chromium_converses_from_another_origin()
    {
        const string deviceId = "AA:BB:CC:00:11:22";
        string url = Gateway.DeviceUri($"/xiaozhi/v1/?device-id={Uri.EscapeDataString(deviceId)}&client-id=web").AbsoluteUri;
        using PageServer page = new();
        string address =
            $"http://127.0.0.1:{page.Port}/?url={Uri.EscapeDataString(url)}&first={Uri.EscapeDataString(First)}&second={Uri.EscapeDataString(Second)}";
        string profile = Directory.CreateTempSubdirectory("fastgate-chromium-").FullName;
        using Process browser = ExternalProgram.Start("chromium", [.. ExternalProgram.HeadlessChromium(profile), address]);
        try
        {
            browser.StandardInput.Close();
            browser.OutputDataReceived += static (_, _) => { };
            browser.ErrorDataReceived += static (_, _) => { };
            browser.BeginOutputReadLine();
            browser.BeginErrorReadLine();
            new Transcript(await page.Transcript.WaitAsync(Deadline.Program)).AssertConversation(First, Second);
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync();
            DeleteProfile(profile);
        }

        await AssertRememberedAsync("aa:bb:cc:00:11:22");
    }

    [Fact]
    public async Task Esp32_request_bytes_converse()
    {
        for (int round = 0; round < 2; round++)
        {
            string said = round == 0 ? First : Second;
            using RawConnection device = await RawConnection.OpenAsync(Gateway.DevicePort);
            await device.SendAsync(DeviceTexts.Esp32Request("94:a9:90:00:00:01"));
            HttpReply reply = await device.ReadReplyAsync();
            Assert.Equal(101, reply.Status);
            Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", reply.Header("Sec-WebSocket-Accept"));
            Assert.Null(reply.Header("Sec-WebSocket-Extensions"));

            List<JsonObject> messages = [];
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Detect(said)));
            do
            {
                RawFrame frame = await device.ReadFrameAsync() ?? throw new EndOfStreamException();
                Assert.Equal(RawFrame.Text, frame.Opcode);
                messages.Add(JsonNode.Parse(frame.PayloadText)!.AsObject());
            }
            while ((string?)messages[^1]["state"] != "stop");

            Transcript.AssertTurn(messages, said);
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync())?.PayloadText);

            // The firmware ends a session by closing TCP, as the dispose does.
        }

        await AssertRememberedAsync("94:a9:90:00:00:01");
    }

    private async Task ConverseAsync(string deviceId, string program, string[] arguments)
    {
        string url = Gateway.DeviceUri($"/xiaozhi/v1/?device-id={deviceId}").AbsoluteUri;
        string output = await ExternalProgram.RunAsync(program, [.. arguments, url, First, Second]);
        new Transcript(output).AssertConversation(First, Second);
        await AssertRememberedAsync(deviceId);
    }

    private async Task AssertRememberedAsync(string deviceId) =>
        await Eventually.ValueAsync(
            () => fixture.Admin.MemoryAsync(deviceId),
            memory => memory.Contains(First, StringComparison.Ordinal) && memory.Contains(Second, StringComparison.Ordinal));

    /// <summary>Ignores files that a helper process of the browser still writes.</summary>
    private static void DeleteProfile(string profile)
    {
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // The system cleans its temporary files.
        }
    }
}
