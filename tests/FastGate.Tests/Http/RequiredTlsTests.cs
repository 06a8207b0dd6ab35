using System.Net;
using FastGate.Flight;

namespace FastGate.Tests.Http;

/// <summary>Plain requests at an HTTP listener that requires TLS.</summary>
public sealed class RequiredTlsTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly HttpTlsServer _server = new();

    public Task InitializeAsync() => _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task Where_tls_is_required_a_plain_request_is_refused_and_recorded()
    {
        using HttpClient client = HttpTlsServer.Client();
        using var content = new StringContent("x");
        using HttpResponseMessage plain = await client.PostAsync(_server.Address("required", "http", "/echo?device-id=aa:bb:cc:dd:ee:ff"), content).WaitAsync(HttpTlsServer.Limit);
        Assert.Equal(HttpStatusCode.Forbidden, plain.StatusCode);
        ConnectionRecord record = _server.Record();
        Assert.Equal((Verdict.TlsRequired, "aa:bb:cc:dd:ee:ff", 403), (record.Verdict, record.DeviceId, record.Status));

        using var again = new StringContent("x");
        using HttpResponseMessage secure = await client.PostAsync(_server.Address("required", "https", "/echo"), again).WaitAsync(HttpTlsServer.Limit);
        Assert.Equal("x", await secure.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Where_tls_is_required_health_probes_may_be_plain()
    {
        using HttpClient client = HttpTlsServer.Client();

        Assert.Equal("""{"status":"live"}""", await client.GetStringAsync(_server.Address("required", "http", "/health/live")).WaitAsync(HttpTlsServer.Limit));
        Assert.Empty(_server.Recorder.Newest(10));
    }
}
