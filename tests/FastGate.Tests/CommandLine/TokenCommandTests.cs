using System.Text;
using FastGate.Auth;

namespace FastGate.Tests.CommandLine;

/// <summary>The command <c>token make</c>.</summary>
public sealed class TokenCommandTests
{
    [Theory]
    [InlineData(null, "aa:bb:cc:dd:ee:ff")]
    [InlineData("7B9F5F0E", "7b9f5f0e")]
    public async Task Token_is_signed_for_the_normalised_ids_and_now(string? clientId, string signedClient)
    {
        string[] words = ["token", "make", "AA:BB:CC:DD:EE:FF", "--FastGate:Auth:Key=the-key", .. clientId is null ? (string[])[] : ["--client-id", clientId]];
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        CommandOutcome outcome = await CommandOutcome.RunAsync(words);
        long after = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        string[] parts = outcome.Output.Trim().Split('.');
        Assert.InRange(long.Parse(parts[1], null), before, after);
        Assert.True(DeviceToken.IsSignedFor("the-key"u8, Bytes(signedClient), "aa:bb:cc:dd:ee:ff"u8, Bytes(parts[1]), Bytes(parts[0])));
    }

    [Theory]
    [InlineData("token make aa:bb", "Auth:Key is not set", 1)]
    [InlineData("token make a|b --FastGate:Auth:Key=k", "The ids cannot be signed", 1)]
    [InlineData("token make --FastGate:Auth:Key=k", "Required argument 'device' missing", 2)]
    public async Task Token_that_no_server_would_accept_is_not_made(string line, string error, int exitCode)
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync(line.Split(' '));
        Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith(error, outcome.Error, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
