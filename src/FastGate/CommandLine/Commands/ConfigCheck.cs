using FastGate.Certificates;
using FastGate.CommandLine.Failures;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace FastGate.CommandLine.Commands;

/// <summary>The <c>config check</c> command: shows what the gateway understands of its configuration, and starts nothing.</summary>
internal static class ConfigCheck
{
    private const int Usable = 0;
    private const int Unusable = 1;
    private const string Usage = "Usage: FastGate config check [FILE...], or FastGate config check --FastGate:Key=value... for the settings of a start";

    /// <summary>Checks each file alone; without files, the settings of a start, to which the options belong.</summary>
    public static int Run(string[] words, TextWriter output, TextWriter error)
    {
        string[] files = [.. words.Where(static word => !word.StartsWith('-'))];
        string[] options = [.. words.Where(static word => word.StartsWith('-'))];
        if (options.FirstOrDefault(option => files.Length > 0 || !option.Contains(':')) is string option)
        {
            error.WriteLine($"{option}: {(files.Length > 0 ? "a check of files takes no options" : "unknown option")}. {Usage}");
            return ExitCode.Usage;
        }

        if (files.Length > 0)
        {
            return files.Select(file => Check([SourceOf(file)], output)).Max();
        }

        try
        {
            using ConfigurationManager settings = ConfigurationSources.Read(options);
            return Check(((IConfigurationBuilder)settings).Sources, output);
        }
        catch (InvalidConfigurationException exception)
        {
            output.WriteLine(exception.Message);
            return Unusable;
        }
    }

    /// <summary>The old server's file, or one of the framework's by its extension.</summary>
    private static IConfigurationSource SourceOf(string file) => Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase)
        ? new CheckedJsonSource(Path.GetFullPath(file)) { Optional = false }
        : new MemoryConfigurationSource { InitialData = [KeyValuePair.Create($"{GatewayOptions.Section}:{nameof(GatewayOptions.Config)}", (string?)file)] };

    private static int Check(IEnumerable<IConfigurationSource> sources, TextWriter output)
    {
        var reader = new ConfigurationReader([.. sources], Directory.GetCurrentDirectory());
        reader.Read(out IReadOnlyList<string> found);
        List<string> failures = [.. found];
        List<string> warnings = [];
        if (reader.Options is { } options)
        {
            CertificateCheck.Find(options.Devices.Tls, DateTimeOffset.UtcNow, failures, warnings);
        }

        foreach (string line in ConfigurationReport.Lines(reader, failures, warnings))
        {
            output.WriteLine(line);
        }

        return failures.Count == 0 ? Usable : Unusable;
    }
}
