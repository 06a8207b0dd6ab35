using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Fleet;

/// <summary>A device gets its token after an operator has confirmed the code that it shows, and is known after the end of the server too.</summary>
public sealed class ActivationTests
{
    private static readonly string[] s_options = ["--FastGate:Auth:Enabled=true", "--FastGate:Auth:Key=activation-test-key", "--FastGate:Auth:Ota=Activate"];

    [Fact]
    public async Task Device_connects_after_the_confirmation_of_its_code_and_after_the_next_start()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-activation-").FullName;
        try
        {
            await using (GatewayProcess gateway = await GatewayProcess.StartAsync(s_options, directory))
            {
                JsonNode first = await OtaAsync(gateway);
                string code = (string)first["activation"]!["code"]!;
                Assert.Equal("", (string?)first["websocket"]!["token"]);
                Assert.Equal("aa:bb:cc:00:00:77", (string?)Assert.Single((await ServerCommand.RunAsync(directory, "activate", "--json")).Items)["deviceId"]);

                ServerCommand confirmed = await ServerCommand.RunAsync(directory, "activate", "confirm", code);

                Assert.Equal((0, "aa:bb:cc:00:00:77: activated\n", ""), (confirmed.ExitCode, confirmed.Output, confirmed.Errors));
                Assert.NotEqual("", (string?)(await OtaAsync(gateway))["websocket"]!["token"]);
                await gateway.TerminateAsync();
            }

            await using GatewayProcess next = await GatewayProcess.StartAsync(s_options, directory);
            Assert.NotEqual("", (string?)(await OtaAsync(next))["websocket"]!["token"]);
            await next.TerminateAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<JsonNode> OtaAsync(GatewayProcess gateway)
    {
        using HttpClient http = new() { Timeout = Deadline.Program };
        using HttpRequestMessage boot = new(HttpMethod.Post, gateway.HttpUri("/xiaozhi/ota/")) { Content = new StringContent("{}") };
        boot.Headers.Add("Device-Id", "AA:BB:CC:00:00:77");
        boot.Headers.Add("Client-Id", "7b94d69a-9808-4c59-9c9b-704333b38aff");
        using HttpResponseMessage answer = await http.SendAsync(boot);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
