using FastGate.CommandLine.Client;

namespace FastGate.Tests.CommandLine;

/// <summary>Which token a command sends.</summary>
public sealed class TokenSourceTests : IDisposable
{
    private readonly FakeAdminServer _server = new FakeAdminServer().On("GET /api/v1/status", "{}");
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"fastgate-token-{Guid.NewGuid():N}");

    public void Dispose()
    {
        _server.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Token_file_is_sent_without_its_line_end()
    {
        await File.WriteAllTextAsync(_file, "secret-token\n");
        CommandOutcome outcome = await CommandOutcome.RunAsync("status", "--server", _server.Address, "--token-file", _file, "--FastGate:Admin:Token=other-token");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("Bearer secret-token", Assert.Single(_server.Requests).Authorization);
    }

    [Fact]
    public async Task Token_on_the_command_line_is_sent_with_a_warning_that_does_not_show_it()
    {
        CommandOutcome outcome = await CommandOutcome.RunAsync("status", "--server", _server.Address, "--FastGate:Admin:Token=secret-token");
        Assert.Equal("Bearer secret-token", Assert.Single(_server.Requests).Authorization);
        Assert.StartsWith("Warning: other users of this machine can read the token", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", outcome.Output + outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_of_the_configuration_is_not_sent_to_another_machine()
    {
        using var error = new StringWriter();
        var other = AdminServer.Find(["--FastGate:Admin:Token=secret-token"], "http://192.0.2.1:8002", null, error);
        var local = AdminServer.Find(["--FastGate:Admin:Token=secret-token"], "127.0.0.1:8002", null, error);
        Assert.Equal((null, "secret-token"), (other.Token, local.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("two\nlines\n")]
    public async Task File_without_a_token_is_a_usage_error_that_does_not_show_it(string content)
    {
        await File.WriteAllTextAsync(_file, content);
        CommandOutcome outcome = await CommandOutcome.RunAsync("status", "--server", _server.Address, "--token-file", _file);
        Assert.Equal(2, outcome.ExitCode);
        Assert.DoesNotContain("two", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }
}
