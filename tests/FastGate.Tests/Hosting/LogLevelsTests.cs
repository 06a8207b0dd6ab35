using FastGate.Hosting;
using FastGate.Http.Admin;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Hosting;

public sealed class LogLevelsTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogLevels _levels;
    private readonly ServiceProvider _services;
    private readonly ILogger _log;
    private readonly ILogger _other;

    public LogLevelsTests()
    {
        IConfigurationRoot configured = new ConfigurationBuilder().AddInMemoryCollection(
            [new("Logging:LogLevel:Default", "Warning"), new("Logging:Console:LogLevel:FastGate", "Error")]).Build();
        _levels = new LogLevels(configured.GetSection("Logging"), _time);
        var services = new ServiceCollection();
        services.AddLogging(logging => GatewayLogging.Configure(logging, configured, _levels));
        _services = services.BuildServiceProvider();
        ILoggerFactory logs = _services.GetRequiredService<ILoggerFactory>();
        (_log, _other) = (logs.CreateLogger("FastGate.Connections.DeviceConnection"), logs.CreateLogger("Other"));
    }

    public void Dispose()
    {
        _services.Dispose();
        _levels.Dispose();
    }

    [Fact]
    public void Level_is_in_force_at_once_and_for_its_category_only()
    {
        Assert.False(_log.IsEnabled(LogLevel.Warning));

        Assert.True(_levels.TrySet("FastGate.Connections", LogLevel.Debug, null));
        Assert.True(_log.IsEnabled(LogLevel.Debug));
        Assert.False(_other.IsEnabled(LogLevel.Information));

        Assert.True(_levels.TrySet(null, LogLevel.Trace, null));
        Assert.True(_other.IsEnabled(LogLevel.Trace));
    }

    [Fact]
    public void Level_returns_after_its_time()
    {
        _levels.TrySet("FastGate.Connections", LogLevel.Debug, TimeSpan.FromMinutes(10));
        LogLevelReport changed = Assert.Single(_levels.Report(), static level => level.Source == "operator");
        Assert.Equal(("FastGate.Connections", "Debug", (DateTimeOffset?)_time.GetUtcNow().AddMinutes(10)), (changed.Category, changed.Level, changed.Until));

        _time.Turn(TimeSpan.FromMinutes(9));
        Assert.True(_log.IsEnabled(LogLevel.Debug));
        _time.Turn(TimeSpan.FromMinutes(1));
        Assert.False(_log.IsEnabled(LogLevel.Debug));
        Assert.DoesNotContain(_levels.Report(), static level => level.Source == "operator");
    }

    [Fact]
    public void Later_change_of_a_category_replaces_the_earlier_one_and_its_end()
    {
        _levels.TrySet("FastGate", LogLevel.Debug, TimeSpan.FromMinutes(1));
        _levels.TrySet("FastGate", LogLevel.Trace, null);
        _time.Turn(TimeSpan.FromMinutes(5));
        Assert.True(_log.IsEnabled(LogLevel.Trace));

        _levels.TrySet("FastGate", null, null);
        Assert.False(_log.IsEnabled(LogLevel.Warning));
    }

    [Fact]
    public void Number_of_changed_categories_is_bounded()
    {
        for (int i = 0; i < LogLevels.Capacity; i++)
        {
            Assert.True(_levels.TrySet($"Category{i}", LogLevel.Debug, null));
        }

        Assert.False(_levels.TrySet("Another", LogLevel.Debug, null));
        Assert.True(_levels.TrySet("Category0", LogLevel.Trace, null));
        Assert.True(_levels.TrySet("Category1", null, null));
        Assert.True(_levels.TrySet("Another", LogLevel.Debug, null));
    }

    [Fact]
    public void Configured_levels_are_reported() =>
        Assert.Equal([new LogLevelReport("Default", "Warning", "configuration", null)], _levels.Report());
}
