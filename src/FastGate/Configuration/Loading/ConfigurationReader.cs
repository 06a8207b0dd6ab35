using System.Collections.Frozen;
using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Configuration.Xiaozhi;
using FastGate.Llm.Settings;
using Microsoft.Extensions.Configuration;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Reads the sources of the generic host into a snapshot. Every read builds fresh providers: the host's own configuration is
/// never touched, so a file that is broken half-way leaves nothing half-changed.
/// </summary>
internal sealed class ConfigurationReader(IReadOnlyList<IConfigurationSource> sources, string workingDirectory)
{
    private readonly List<string> _failures = [];

    /// <summary>The files that were or would be read; known as far as the read came.</summary>
    public List<string> Files { get; } = [];

    /// <summary>What a source throws that cannot be read, as against a defect.</summary>
    public static bool IsUnreadable(Exception exception) =>
        exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException;

    /// <summary>The file stands in the outer message, the place in the innermost; lines are counted from one for people.</summary>
    public static string WhereAndWhy(Exception exception) => exception.GetBaseException() switch
    {
        JsonException { LineNumber: long line } json => $"{exception.Message} line {line + 1}: {json.Message}",
        var inner when inner != exception => $"{exception.Message} {inner.Message}",
        _ => exception.Message,
    };

    /// <summary>Null with every reason when the configuration cannot be used.</summary>
    public GatewaySnapshot? Read(out IReadOnlyList<string> failures)
    {
        failures = _failures;
        Dictionary<string, string?> keys = ReadSources();
        if (_failures.Count > 0)
        {
            return null;
        }

        (string Key, string Nearest)[] unknown = [.. UnknownKeys.Find(keys.Keys)];
        XiaozhiConfig? xiaozhi = ReadXiaozhi(keys);
        var origins = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (xiaozhi is not null)
        {
            // What stands above the file did not come from it: nobody is to be sent to a line that is right.
            foreach ((string key, string origin) in xiaozhi.Origins.Where(origin => !keys.ContainsKey(origin.Key)))
            {
                origins.Add(key, origin);
            }

            ConfigurationLayers.PutBelow(keys, xiaozhi.Keys);
        }

        var good = new Dictionary<string, string?>(keys, StringComparer.OrdinalIgnoreCase);
        foreach (OptionFailure failure in OptionShapes.Check(keys))
        {
            // The rest is bound and validated all the same: whoever mends a file wants the whole list.
            good.Remove(failure.Key);
            Report(failure, origins);
        }

        IConfigurationSection section = Freeze(good).GetSection(GatewayOptions.Section);
        GatewayOptions options = WithTexts(section.Get<GatewayOptions>() ?? new GatewayOptions());
        foreach (OptionFailure failure in GatewayOptionsValidator.Validate(options))
        {
            Report(failure, origins);
        }

        return _failures.Count > 0
            ? null
            : new GatewaySnapshot(
                options,
                section.GetSection("Llm"),
                keys.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
                origins,
                unknown,
                xiaozhi?.Ignored ?? []);
    }

    private Dictionary<string, string?> ReadSources()
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var builder = new ConfigurationBuilder();
        foreach (IConfigurationSource source in sources)
        {
            IConfigurationProvider? provider = null;
            try
            {
                provider = source.Build(builder);
                if (source is FileConfigurationSource { FileProvider: { } files, Path: { } path } &&
                    files.GetFileInfo(path).PhysicalPath is string physical)
                {
                    Files.Add(physical);
                }

                foreach ((string key, string? value) in new ConfigurationRoot([provider]).GetSection(GatewayOptions.Section).AsEnumerable(true))
                {
                    bool isEmpty = value is null && LlmSettingKeys.IsOverridesPath(key) && provider.TryGet($"{GatewayOptions.Section}:{key}", out _);
                    Put(keys, key, isEmpty ? "" : value);
                }
            }
            catch (Exception exception) when (IsUnreadable(exception))
            {
                _failures.Add(WhereAndWhy(exception));
            }
            finally
            {
                // A chained provider belongs to the host; the others hold file watchers of this read.
                if (provider is not ChainedConfigurationProvider)
                {
                    (provider as IDisposable)?.Dispose();
                }
            }
        }

        return keys;
    }

    /// <summary>
    /// An empty value is the same as none: compose files write <c>${TOKEN:-}</c> for "not set". Only empty overrides say something by being there.
    /// </summary>
    private static void Put(Dictionary<string, string?> keys, string path, string? value)
    {
        if (path.Length == 0 || value is null)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(value) && !OptionSchema.IsFreeForm(path))
        {
            keys.Remove(path);
        }
        else
        {
            keys[path] = value;
        }
    }

    private XiaozhiConfig? ReadXiaozhi(Dictionary<string, string?> keys)
    {
        if (!keys.TryGetValue("Config", out string? path) || path is null)
        {
            return null;
        }

        Files.Add(Path.GetFullPath(path, workingDirectory));
        XiaozhiConfig? config = XiaozhiConfigReader.Read(path, workingDirectory, out string? failure);
        if (config is null)
        {
            _failures.Add(new OptionFailure("Config", path, $"a readable xiaozhi config.yaml ({failure})").ToString());
            return null;
        }

        Files.AddRange(config.Files.Skip(1));
        return config;
    }

    private void Report(OptionFailure failure, Dictionary<string, string> origins) =>
        _failures.Add((failure with { Origin = origins.GetValueOrDefault(failure.Key) }).ToString());

    private static IConfigurationRoot Freeze(Dictionary<string, string?> keys) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create($"{GatewayOptions.Section}:{key.Key}", key.Value)))
            .Build();

    /// <summary>The binder adds to a list that has items already, so the lists have none until here.</summary>
    private static GatewayOptions WithTexts(GatewayOptions options) => options with
    {
        Session = options.Session with
        {
            WakeupWords = options.Session.WakeupWords.Count > 0 ? options.Session.WakeupWords : SessionOptions.DefaultWakeupWords,
            ExitCommands = options.Session.ExitCommands.Count > 0 ? options.Session.ExitCommands : SessionOptions.DefaultExitCommands,
        },
    };
}
