using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Admin;

/// <summary>The commands of <c>docs/admin-api.md</c> do what the page says.</summary>
public sealed partial class ApiPageTests
{
    private const string Token = "token-of-the-page";
    private const string DeviceId = "aa:bb:cc:dd:ee:ff";

    [RequiresProgramFact(RequiredProgram.Curl)]
    public async Task Each_command_prints_the_shown_answer()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"--FastGate:Admin:Token={Token}");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, DeviceId);
        await device.HelloAsync();
        string page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "admin-api.md"));
        string variables = $"TOKEN={Token}\n";
        int answers = 0;
        foreach (Match block in Block().Matches(page.Replace("http://127.0.0.1:8002", gateway.AdminUri("").GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)))
        {
            string command = block.Groups["command"].Value;
            if (!command.Contains("curl", StringComparison.Ordinal))
            {
                variables += command;
                continue;
            }

            string output = await ExternalProgram.RunAsync("/bin/sh", ["-euc", variables + command], gateway.WorkingDirectory);
            if (block.Groups["answer"] is { Success: true } answer)
            {
                AssertHas(JsonNode.Parse(answer.Value)!, JsonNode.Parse(output), output);
                answers++;
            }
        }

        Assert.Equal(6, answers);
        Assert.NotNull(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(gateway.WorkingDirectory, "fastgate-openapi.json")))!["paths"]);
        JsonObject alert = (await device.ReceiveUntilAsync("alert"))[^1];
        Assert.Equal("Maintenance at 22:00", (string?)alert["message"]);
    }

    /// <summary>The page may leave out properties, and shows no other ones.</summary>
    private static void AssertHas(JsonNode shown, JsonNode? actual, string output)
    {
        switch (shown)
        {
            case JsonObject item:
                foreach ((string name, JsonNode? value) in item)
                {
                    Assert.True(actual?[name] is not null, $"{name} is not in {output}");
                    AssertHas(value!, actual[name], output);
                }

                break;
            case JsonArray list:
                Assert.Equal(list.Count, actual!.AsArray().Count);
                for (int i = 0; i < list.Count; i++)
                {
                    AssertHas(list[i]!, actual[i], output);
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(shown, actual), $"{shown} is not in {output}");
                break;
        }
    }

    [GeneratedRegex(@"```sh\n(?<command>.*?)```(\n\n```json\n(?<answer>.*?)```)?", RegexOptions.Singleline)]
    private static partial Regex Block();
}
