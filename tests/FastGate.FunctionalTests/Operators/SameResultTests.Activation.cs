using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <content>The activation, against a server of its own that needs it.</content>
public sealed partial class SameResultTests
{
    private static readonly string[] s_activation = ["--FastGate:Auth:Enabled=true", "--FastGate:Auth:Key=activation-test-key", "--FastGate:Auth:Ota=Activate"];

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Device_gets_its_token_when_its_code_is_confirmed(string road)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(s_activation);
        await using OperatorRecord record = await OperatorRecord.BeginAsync(gateway, road);
        string id = $"board-{road}";
        string code = (string)(await BootAsync(gateway, id))["activation"]!["code"]!;
        IOperatorRoad way = road switch
        {
            "api" => new ApiRoad(gateway),
            "command" => new CommandRoad(gateway),
            _ => new BrowserRoad(_fixture, gateway),
        };

        JsonNode? answer = await way.ActAsync(new OperatorAct("POST", "activations", $$"""{"code":"{{code}}"}""", ["activate", "confirm", code], "fleet", "activate")
        {
            DialogInputs = [("code", code)],
        });

        Assert.Equal("""{"deviceId":"board-ROAD"}""", OperatorText.Of(answer, road));
        Assert.NotEqual("", (string?)(await BootAsync(gateway, id))["websocket"]!["token"]);
        await record.AssertAsync(["activate board-ROAD 200 done"], []);
    }

    /// <summary>What a device gets from the OTA address when it starts.</summary>
    private static async Task<JsonNode> BootAsync(GatewayProcess gateway, string id)
    {
        using HttpClient http = new() { Timeout = Deadline.Program };
        using HttpRequestMessage boot = new(HttpMethod.Post, gateway.HttpUri("/xiaozhi/ota/")) { Content = new StringContent("{}") };
        boot.Headers.Add("Device-Id", id);
        boot.Headers.Add("Client-Id", "7b94d69a-9808-4c59-9c9b-704333b38aff");
        using HttpResponseMessage answer = await http.SendAsync(boot);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
    }
}
