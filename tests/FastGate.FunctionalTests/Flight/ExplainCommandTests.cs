using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Flight;

/// <summary>The command line names the cause and the change for each of more than thirty broken clients of one server.</summary>
public sealed class ExplainCommandTests(CorpusGateway fixture) : IClassFixture<CorpusGateway>
{
    private const string Network = "127.0.4.0/24";

    [Fact]
    public async Task Command_explains_every_broken_client_by_its_address()
    {
        Complaint[] clients = [.. Complaints.All.Where(static complaint => complaint is { Remedy.Length: > 0, Waits: false, Then: null })];
        Assert.InRange(clients.Length, 30, 200);
        for (int row = 0; row < clients.Length; row++)
        {
            using RawConnection client = await RawConnection.OpenAsync(fixture.PortOf(clients[row].Listener), from: AddressOf(row));
            await client.SendAsync(Complaints.BytesOf(clients[row].Bytes, $"device-{row}"));
        }

        await Eventually.ValueAsync(
            () => fixture.Admin.GetAsync($"/api/v1/records?limit=1000&address={Uri.EscapeDataString(Network)}"),
            page => page["records"]!.AsArray().Select(static record => HostOf((string?)record!["remoteAddress"])).Distinct().Count() == clients.Length);

        ServerCommand command = await ServerCommand.RunAsync(fixture.Gateway, ["explain", .. Enumerable.Range(0, clients.Length).Select(static row => AddressOf(row).ToString())]);
        Assert.Equal((0, ""), (command.ExitCode, command.Errors));
        for (int row = 0; row < clients.Length; row++)
        {
            string[] lines = BlockOf(command.Output, AddressOf(row).ToString());
            Assert.Contains(clients[row].Verdict, lines[0], StringComparison.Ordinal);
            Assert.Contains(lines, static line => line.StartsWith("  cause: ", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.StartsWith("  remedy: ", StringComparison.Ordinal) && line.Contains(clients[row].Remedy, StringComparison.Ordinal));
        }

        ServerCommand device = await ServerCommand.RunAsync(fixture.Gateway, "explain", $"DEVICE-{Array.FindIndex(clients, static client => client.Verdict == "token_expired")}");
        Assert.Matches("device-[0-9]+: token_expired .*\n  cause: .*\n  detail: .* behind this server's clock\n  remedy: ", device.Output);
    }

    private static IPAddress AddressOf(int row) => new([127, 0, 4, (byte)(row + 1)]);

    private static string HostOf(string? endPoint) => endPoint!.Split([':', ' '])[0];

    /// <summary>The line of the subject and those below it.</summary>
    private static string[] BlockOf(string output, string subject)
    {
        string[] lines = output.Split('\n');
        int start = Array.FindIndex(lines, line => line.StartsWith($"{subject}: ", StringComparison.Ordinal));
        Assert.True(start >= 0, $"{subject} in\n{output}");
        return [lines[start], .. lines.Skip(start + 1).TakeWhile(static line => line.StartsWith(' '))];
    }
}
