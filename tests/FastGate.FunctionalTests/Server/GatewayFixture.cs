using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Server;

/// <summary>One server for all tests of a class. A class that needs other options derives a fixture.</summary>
public class GatewayFixture : IAsyncLifetime
{
    private readonly string[] _arguments;
    private GatewayProcess? _gateway;

    // xunit requires a single public constructor.
    public GatewayFixture() => _arguments = [];

    protected GatewayFixture(params string[] arguments) => _arguments = arguments;

    public GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("The server has not been started.");

    public AdminClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayProcess.StartAsync(_arguments);
        Admin = new AdminClient(_gateway);
    }

    public async Task DisposeAsync()
    {
        Admin?.Dispose();
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    /// <summary>Asserts that the server responds and that no connection of the test is left.</summary>
    public async Task AssertHealthyAsync()
    {
        Assert.False(Gateway.HasExited, Gateway.Log);
        await Eventually.TrueAsync(IsRunningAsync);
        await Eventually.ValueAsync(Admin.DevicesAsync, devices => devices.Count == 0);
        await Eventually.ValueAsync(Admin.ConnectionCountAsync, count => count == 0);
    }

    /// <summary>False when the server has closed the connection: a class may test with a handshake timeout that a busy machine exceeds.</summary>
    private async Task<bool> IsRunningAsync()
    {
        using HttpClient http = new();
        try
        {
            return await http.GetStringAsync(new Uri($"http://127.0.0.1:{Gateway.DevicePort}/")).WaitAsync(Deadline.Hang) == "Server is running\n";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Waits until exactly one device is connected and returns its entry of the device list.</summary>
    public async Task<JsonObject> OnlyDeviceAsync()
    {
        IReadOnlyList<JsonObject> devices = await Eventually.ValueAsync(Admin.DevicesAsync, found => found.Count == 1);
        return devices[0];
    }
}
