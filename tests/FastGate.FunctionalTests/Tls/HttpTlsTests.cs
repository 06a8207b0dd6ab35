using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Tls;

/// <summary>Handshakes of the public HTTP port count, are recorded and are limited like those of the device port.</summary>
public sealed class HttpTlsTests(RequiredTlsFixture fixture) : IClassFixture<RequiredTlsFixture>
{
    private const string Ota = "/xiaozhi/ota/";

    [Fact]
    public async Task A_handshake_is_counted_with_those_of_devices()
    {
        double before = await SucceededAsync();
        using HttpMessageInvoker client = ClientAt("127.0.0.81");
        Assert.Equal(HttpStatusCode.OK, await GetAsync(client, "https", Ota));

        // No device connects in this class, and the tests of a class follow one another.
        Assert.Equal(before + 1, await SucceededAsync());
        Assert.True(await fixture.Admin.MetricAsync("fastgate_tls_connections_open") >= 1);
    }

    [Fact]
    public async Task Failed_handshakes_ban_their_address_which_gets_no_further_handshake()
    {
        const string Address = "127.0.0.82";
        for (int i = 0; i <= RequiredTlsFixture.Failures; i++)
        {
            using RawConnection broken = await RawConnection.OpenAsync(fixture.Gateway.HttpPort, from: IPAddress.Parse(Address));
            await broken.SendAsync(new byte[] { 0x16, 0x47, 0x45, 0x54 });
            await broken.ReadToEndAsync();
        }

        JsonNode ban = (await Eventually.ValueAsync(() => BanAsync(Address), static found => found is not null))!;
        Assert.Contains("too many refused handshakes", (string?)ban["reason"], StringComparison.Ordinal);

        using HttpMessageInvoker banned = ClientAt(Address);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(banned, "https", Ota));

        Assert.Equal(["banned", "tls_failed"], await ReasonsAsync(Address));
        using HttpMessageInvoker other = ClientAt("127.0.0.83");
        Assert.Equal(HttpStatusCode.OK, await GetAsync(other, "https", Ota));
    }

    [Fact]
    public async Task A_plain_request_is_refused_with_a_record_unless_it_is_a_health_probe()
    {
        const string Address = "127.0.0.84";
        using HttpMessageInvoker client = ClientAt(Address);

        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(client, "http", Ota));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(client, "http", "/health/live"));

        Assert.Equal(["tls_required"], await Eventually.ValueAsync(() => ReasonsAsync(Address), static reasons => reasons.Length > 0));
    }

    private HttpMessageInvoker ClientAt(string address) => BoundClient.Create(IPAddress.Parse(address), fixture.Certificate.Thumbprint);

    private Task<double> SucceededAsync() => fixture.Admin.MetricAsync("fastgate_tls_handshakes_total", "result=\"succeeded\"");

    private async Task<HttpStatusCode> GetAsync(HttpMessageInvoker client, string scheme, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"{scheme}://127.0.0.1:{fixture.Gateway.HttpPort}{path}");
        using HttpResponseMessage reply = await client.SendAsync(request, CancellationToken.None).WaitAsync(Deadline.Hang);
        return reply.StatusCode;
    }

    private async Task<JsonNode?> BanAsync(string address) =>
        (await fixture.Admin.GetAsync("/api/v1/bans"))["bans"]!.AsArray().FirstOrDefault(one => ((string?)one!["address"])?.StartsWith(address, StringComparison.Ordinal) == true);

    /// <summary>The causes of an address that are on record.</summary>
    private async Task<string[]> ReasonsAsync(string address) =>
    [
        .. (await fixture.Admin.GetAsync("/api/v1/records?limit=1000"))["records"]!.AsArray()
            .Where(one => ((string?)one!["remoteAddress"])?.StartsWith($"{address}:", StringComparison.Ordinal) == true)
            .Select(static one => (string)one!["reason"]!).Distinct().Order(StringComparer.Ordinal),
    ];
}
