using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Compression;

/// <summary>Published clients that offer permessage-deflate, with a server that accepts it: the conversation is the same.</summary>
public sealed class DeflateClientTests(DeflatingGateway fixture) : IClassFixture<DeflatingGateway>
{
    private const string First = "今天天气怎么样？";
    private const string Second = "And tomorrow?";

    [RequiresProgramFact(RequiredProgram.PythonWebSockets)]
    public Task Python_websockets_converses() => ConverseAsync("py-deflate", ExternalProgram.Python, [Path.Combine(RepositoryPaths.Clients, "python_client.py")]);

    [RequiresProgramFact(RequiredProgram.NodeWs)]
    public Task Node_ws_converses() => ConverseAsync("node-deflate", "node", [Path.Combine(RepositoryPaths.Clients, "node", "client.js")]);

    [Theory]
    [InlineData(15, true)]
    [InlineData(9, false)]
    public async Task ClientWebSocket_converses(int serverWindowBits, bool hasContextTakeover)
    {
        double before = await SentAsync();
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway.DeviceUri("/xiaozhi/v1/?device-id=dotnet-deflate"), options =>
            options.DangerousDeflateOptions = new()
            {
                ServerMaxWindowBits = serverWindowBits,
                ClientContextTakeover = hasContextTakeover,
                ServerContextTakeover = hasContextTakeover,
            });

        JsonObject hello = await device.HelloAsync();
        Transcript.AssertTurn([hello, .. await device.SayAsync(First)], First);
        await device.PingAsync();
        await device.CloseAsync();

        Assert.True(await SentAsync() > before);
    }

    private async Task ConverseAsync(string deviceId, string program, string[] arguments)
    {
        double before = await SentAsync();
        string url = fixture.Gateway.DeviceUri($"/xiaozhi/v1/?device-id={deviceId}").AbsoluteUri;
        new Transcript(await ExternalProgram.RunAsync(program, [.. arguments, url, First, Second])).AssertConversation(First, Second);
        Assert.True(await SentAsync() > before);
    }

    private Task<double> SentAsync() => fixture.Admin.MetricAsync("fastgate_messages_compressed_total", "direction=\"sent\"", mayBeUnused: true);
}
