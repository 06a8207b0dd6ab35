using FastGate.Configuration.Loading;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace FastGate.Tests.Configuration;

/// <summary>A configuration made of files in its own directory, with explicit keys above them.</summary>
internal sealed class ConfigurationFixture : IDisposable
{
    private readonly ConfigurationManager _manager = new();
    private readonly Dictionary<string, string?> _explicit = [];

    public ConfigurationFixture()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("fastgate-options-").FullName;
        ((IConfigurationBuilder)_manager).Add(new CheckedJsonSource(Path.Combine(Directory, "appsettings.json")));
        ((IConfigurationBuilder)_manager).Add(new MemoryConfigurationSource { InitialData = _explicit });
    }

    public string Directory { get; }

    public RecordingLogger<GatewayConfiguration> Log { get; } = new();

    public string? this[string key]
    {
        set => _explicit[$"FastGate:{key}"] = value;
    }

    public string Write(string name, string content)
    {
        string path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public GatewayConfiguration Create() => new(_manager, Log, Directory);

    public IReadOnlyList<string> Failures() => Assert.Throws<InvalidConfigurationException>(Create).Failures;

    public void Dispose()
    {
        _manager.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
