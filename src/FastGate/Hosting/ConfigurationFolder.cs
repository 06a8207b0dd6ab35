using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace FastGate.Hosting;

/// <summary>
/// A folder of optional configuration files, named by an environment variable: a container's volume, which is empty at first. Its
/// <c>appsettings.json</c> is read after that of the working directory; its <c>config.yaml</c> is the old server's, unless <c>Config</c> names
/// another. A file named by <c>Config</c> must exist; the files of this folder need not.
/// </summary>
internal static class ConfigurationFolder
{
    public const string Variable = "FASTGATE_CONFIG_FOLDER";

    private const string OldConfiguration = "config.yaml";

    /// <summary>Null when the variable is not set.</summary>
    public static string? Named => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>Below the environment and the command line, above the files of the working directory.</summary>
    public static void AddTo(IConfigurationBuilder configuration, string folder)
    {
        var settings = new CheckedJsonSource(Path.Combine(folder, "appsettings.json"));
        IConfigurationSource? files = configuration.Sources.LastOrDefault(source => source is JsonConfigurationSource);
        configuration.Sources.Insert(files is null ? 0 : configuration.Sources.IndexOf(files) + 1, settings);
        configuration.Sources.Insert(0, new OldConfigurationSource(Path.Combine(folder, OldConfiguration)));
    }

    /// <summary>Looks for the file at each read, so that a reload finds one that was added later.</summary>
    private sealed class OldConfigurationSource(string path) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => new OldConfigurationProvider(path);
    }

    private sealed class OldConfigurationProvider(string path) : ConfigurationProvider
    {
        public override void Load()
        {
            if (File.Exists(path))
            {
                Set($"{GatewayOptions.Section}:{nameof(GatewayOptions.Config)}", path);
            }
        }
    }
}
