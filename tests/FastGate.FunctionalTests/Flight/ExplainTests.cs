using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Flight;

/// <summary>A real server is asked to explain each broken client of the corpus.</summary>
public sealed class ExplainTests(CorpusGateway fixture, ImpatientGateway impatient) : IClassFixture<CorpusGateway>, IClassFixture<ImpatientGateway>
{
    public static TheoryData<int, string> Rows
    {
        get
        {
            var rows = new TheoryData<int, string>();
            for (int row = 0; row < Complaints.All.Count; row++)
            {
                rows.Add(row, Complaints.All[row].What);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Broken_client_is_explained(int row, string what)
    {
        Complaint complaint = Complaints.All[row];
        Assert.Equal(what, complaint.What);
        CorpusGateway server = complaint is { Waits: true, Then: null } ? impatient : fixture;
        var from = new IPAddress([127, 0, 2, (byte)(row + 1)]);
        string device = string.Create(CultureInfo.InvariantCulture, $"aa:bb:cc:00:00:{row:x2}");
        using (RawConnection client = await RawConnection.OpenAsync(server.PortOf(complaint.Listener), from: from))
        {
            await client.SendAsync(Complaints.BytesOf(complaint.Bytes, device));
            if (complaint.Then is { } then)
            {
                Assert.Equal(101, (await client.ReadReplyAsync()).Status);
                await client.SendAsync(Encoding.Latin1.GetBytes(then));
            }

            if (complaint.Waits)
            {
                await client.ReadToEndAsync();
            }
        }

        JsonNode byAddress = await ExplainAsync(server, $"address={from}");
        AssertExplained(complaint, byAddress);

        // The record has the id when the request had one.
        if (complaint.Bytes.Contains("{device}", StringComparison.Ordinal))
        {
            AssertExplained(complaint, await ExplainAsync(server, $"device={Uri.EscapeDataString(device.ToUpperInvariant())}"));
        }
    }

    /// <summary>The rows of the theory above prove the verdicts; this is their share.</summary>
    [Fact]
    public void At_least_95_percent_of_the_corpus_have_a_specific_verdict()
    {
        string[] unspecific = ["unknown_protocol", "never_seen", "server_error"];
        int count = Complaints.All.Count;
        Assert.InRange(count, 60, 250);
        Assert.Equal(count, Complaints.All.Select(static complaint => complaint.What).Distinct().Count());
        Assert.InRange(Complaints.All.Count(complaint => !unspecific.Contains(complaint.Verdict)) / (double)count, 0.95, 1);
        Assert.InRange(Complaints.All.Count(static complaint => complaint.Remedy.Length > 0), 60, 250);
    }

    [Fact]
    public async Task Other_spelling_of_a_connected_device_is_named()
    {
        using RawConnection client = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "kitchen_07");
        await client.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
        await client.ReadFrameAsync();

        Assert.Equal("connected", (string?)(await fixture.Admin.GetAsync("/api/v1/explain?device=kitchen_07"))["verdict"]);
        JsonNode other = await fixture.Admin.GetAsync("/api/v1/explain?device=Kitchen-07");
        Assert.Equal("never_seen", (string?)other["verdict"]);
        Assert.Equal("kitchen_07", (string?)Assert.Single(other["similar"]!.AsArray()));
    }

    [Fact]
    public async Task Records_are_paged_and_filtered_by_reason()
    {
        for (int i = 0; i < 3; i++)
        {
            using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort, from: IPAddress.Parse("127.0.3.2"));
            await client.SendAsync("GET /.env HTTP/1.1\r\nHost: a\r\n\r\n");
            await client.ReadReplyAsync();
        }

        const string Path = "/api/v1/records?reason=scanner&address=127.0.3.2&limit=2";
        JsonNode first = await Eventually.ValueAsync(() => fixture.Admin.GetAsync(Path), static page => page["next"] is not null);
        JsonNode second = await fixture.Admin.GetAsync($"{Path}&after={(string?)first["next"]}");
        long[] numbers = [.. first["records"]!.AsArray().Concat(second["records"]!.AsArray()).Select(static record => (long)record!["number"]!)];
        Assert.Equal(3, numbers.Length);
        Assert.Equal(numbers.OrderDescending(), numbers);
        Assert.Null(second["next"]);
    }

    private static void AssertExplained(Complaint complaint, JsonNode explanation)
    {
        Assert.Equal(complaint.Verdict, (string?)explanation["verdict"]);
        Assert.Contains(complaint.Remedy, (string?)explanation["remedy"]!["en"], StringComparison.Ordinal);
        Assert.Contains((string?)explanation["remedy"]!["zh"] ?? "", static character => character is >= '\u4e00' and <= '\u9fff');
        Assert.DoesNotContain("test-token", explanation.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>Waits until the connection has ended for the server too.</summary>
    private static Task<JsonNode> ExplainAsync(GatewayFixture server, string subject) => Eventually.ValueAsync(
        () => server.Admin.GetAsync($"/api/v1/explain?{subject}"), static explanation => (string?)explanation["verdict"] is not ("never_seen" or "connected"));
}
