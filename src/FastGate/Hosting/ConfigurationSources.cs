using FastGate.Configuration.Loading;
using Microsoft.Extensions.Configuration;

namespace FastGate.Hosting;

/// <summary>The sources of the generic host in its order: appsettings.json, environment, command line; and <see cref="ConfigurationFolder"/>.</summary>
internal static class ConfigurationSources
{
    /// <summary>Throws <see cref="InvalidConfigurationException"/> for a file that cannot be read.</summary>
    public static ConfigurationManager Read(string[] args)
    {
        var configuration = new ConfigurationManager();
        configuration.SetBasePath(Directory.GetCurrentDirectory());
        string environment = new ConfigurationBuilder().AddEnvironmentVariables("DOTNET_").AddCommandLine(args).Build()["environment"] ?? "Production";
        try
        {
            AddJson(configuration, "appsettings.json");
            AddJson(configuration, $"appsettings.{environment}.json");
            configuration.AddEnvironmentVariables();
            configuration.AddCommandLine(args);
            if (ConfigurationFolder.Named is string folder)
            {
                ConfigurationFolder.AddTo(configuration, folder);
            }

            return configuration;
        }
        catch (Exception exception) when (ConfigurationReader.IsUnreadable(exception))
        {
            throw new InvalidConfigurationException([ConfigurationReader.Describe(exception)]);
        }
    }

    private static void AddJson(ConfigurationManager configuration, string path) =>
        ((IConfigurationBuilder)configuration).Add(new CheckedJsonSource(Path.GetFullPath(path)));
}
