using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Dashboard;

/// <summary>One browser and one real server for the tests of a class, which open one page after the other.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    private Chromium? _browser;
    private GatewayProcess? _gateway;

    public GatewayProcess Gateway => _gateway!;

    public AdminClient Admin { get; private set; } = null!;

    /// <summary>Writes the pictures of the documentation.</summary>
    public static bool UpdatesPictures { get; } = Environment.GetEnvironmentVariable("FASTGATE_UPDATE_PICTURES") == "1";

    public async Task InitializeAsync()
    {
        if (InstalledPrograms.MissingReason(RequiredProgram.Chromium) is null)
        {
            _gateway = await GatewayProcess.StartAsync();
            Admin = new AdminClient(_gateway);
            _browser = await Chromium.StartAsync();
        }
    }

    /// <summary>Opens a page of the dashboard, and waits until the caller's role or the need of a token is known.</summary>
    public async Task<Chromium> OpenAsync(Uri server, string page = "overview")
    {
        await _browser!.OpenAsync(new Uri(server, $"/#/{page}"));
        return _browser;
    }

    public static async Task PictureAsync(Chromium page, string name)
    {
        byte[] picture = await page.ScreenshotAsync();
        Assert.InRange(picture.Length, 5_000, 300_000);
        if (UpdatesPictures)
        {
            await File.WriteAllBytesAsync(Path.Combine(RepositoryPaths.Root, "docs", "images", $"dashboard-{name}.png"), picture);
        }
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        Admin?.Dispose();
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }
}
