using System.Text.Json;
using FastGate.Conversation.Tools;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Conversation.Tools;

public sealed class ServerToolsTests
{
    [Theory]
    [InlineData(null, "2026-11-23 08:30:00 Monday, UTC+00:00")]
    [InlineData("", "2026-11-23 08:30:00 Monday, UTC+00:00")]
    [InlineData("Asia/Tokyo", "2026-11-23 17:30:00 Monday, UTC+09:00")]
    [InlineData("Pacific/Kiritimati", "2026-11-23 22:30:00 Monday, UTC+14:00")]
    [InlineData("America/Los_Angeles", "2026-11-23 00:30:00 Monday, UTC-08:00")]
    public async Task Time_is_given_in_the_zone(string? zone, string expected) => Assert.Equal(expected, await AskAsync(zone));

    [Theory]
    [InlineData("Atlantis")]
    [InlineData("../../etc/passwd")]
    public async Task Unknown_zone_is_an_error(string zone) => await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(zone));

    private static async Task<object?> AskAsync(string? zone)
    {
        var tools = new ServerTools(new ManualTimeProvider(), static _ => Task.FromResult(true), static () => { });
        var arguments = new AIFunctionArguments();
        if (zone is not null)
        {
            arguments["time_zone"] = JsonElement.Parse(JsonSerializer.Serialize(zone));
        }

        return await tools.Tools.Single(static tool => tool.Name == ServerTools.GetTime).InvokeAsync(arguments);
    }
}
