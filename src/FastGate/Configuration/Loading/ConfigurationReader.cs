using System.Collections.Frozen;
using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Xiaozhi;
using FastGate.Llm.Settings;
using Microsoft.Extensions.Configuration;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Reads the sources of the generic host into a snapshot. Each read builds new providers and leaves the host's own configuration alone, so a
/// file that breaks half-way changes nothing.
/// </summary>
internal sealed class ConfigurationReader(IReadOnlyList<IConfigurationSource> sources, string workingDirectory)
{
    private readonly List<string> _failures = [];

    /// <summary>Of the keys whose value came from the old server's file: the place in that file.</summary>
    private readonly Dictionary<string, string> _origins = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The files that were read, and optional ones that do not exist yet; incomplete after a failed read.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Whether an exception of a source means that its file cannot be read, and not a defect.</summary>
    public static bool IsUnreadable(Exception exception) =>
        exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException;

    /// <summary>The outer message names the file, the innermost exception the place in it; lines are counted from one.</summary>
    public static string Describe(Exception exception) => exception.GetBaseException() switch
    {
        JsonException { LineNumber: long line } json => $"{exception.Message} line {line + 1}: {json.Message}",
        var inner when inner != exception => $"{exception.Message} {inner.Message}",
        _ => exception.Message,
    };

    /// <summary>Null, with every reason, when the configuration cannot be used.</summary>
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
        if (xiaozhi is not null)
        {
            foreach ((string key, string origin) in xiaozhi.Origins.Where(origin => !keys.ContainsKey(origin.Key)))
            {
                _origins.Add(key, origin);
            }

            ConfigurationLayers.PutBelow(keys, xiaozhi.Keys);
        }

        // The keys that convert are bound and validated even if others do not, because an operator wants the whole list of failures.
        var convertible = new Dictionary<string, string?>(keys, StringComparer.OrdinalIgnoreCase);
        foreach ((string key, string failure) in OptionShapes.Check(keys))
        {
            convertible.Remove(key);
            AddFailures([failure]);
        }

        IConfigurationSection section = SectionOf(convertible);
        GatewayOptions options = WithDefaultLists(section.Get<GatewayOptions>() ?? new GatewayOptions());
        AddFailures(GatewayOptionsValidator.FailuresOf(options));
        if (_failures.Count > 0)
        {
            return null;
        }

        var llm = LlmConfiguration.Read(section.GetSection("Llm"), options.Llm.Timeouts);
        AddFailures(llm.Errors);
        return _failures.Count > 0
            ? null
            : new GatewaySnapshot(options, llm, keys.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), unknown, xiaozhi?.Ignored ?? []);
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
                    bool isEmpty = value is null && LlmModeEntry.IsOverridesPath(key) && provider.TryGet($"{GatewayOptions.Section}:{key}", out _);
                    Put(keys, key, isEmpty ? "" : value);
                }
            }
            catch (Exception exception) when (IsUnreadable(exception))
            {
                _failures.Add(Describe(exception));
            }
            finally
            {
                // A chained provider belongs to the host; the others were built for this read.
                if (provider is not ChainedConfigurationProvider)
                {
                    (provider as IDisposable)?.Dispose();
                }
            }
        }

        return keys;
    }

    /// <summary>
    /// An empty value unsets a key: compose files write <c>${TOKEN:-}</c> for "not set". The free-form sections keep it, because empty overrides
    /// have a meaning.
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
        if (!keys.TryGetValue(nameof(GatewayOptions.Config), out string? path) || path is null)
        {
            return null;
        }

        Files.Add(Path.GetFullPath(path, workingDirectory));
        XiaozhiConfig? config = XiaozhiConfigReader.Read(path, workingDirectory, out string? failure);
        if (config is null)
        {
            _failures.Add(OptionFailure.Text($"{GatewayOptions.Section}:{nameof(GatewayOptions.Config)}", path, $"a readable xiaozhi config.yaml ({failure})"));
            return null;
        }

        Files.AddRange(config.Files.Skip(1));
        return config;
    }

    private void AddFailures(IEnumerable<string> failures) => _failures.AddRange(failures.Select(
        failure => _origins.TryGetValue(OptionFailure.KeyOf(failure, GatewayOptions.Section), out string? origin) ? $"{failure} [from {origin}]" : failure));

    private static IConfigurationSection SectionOf(Dictionary<string, string?> keys) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create($"{GatewayOptions.Section}:{key.Key}", key.Value)))
            .Build()
            .GetSection(GatewayOptions.Section);

    /// <summary>The binder appends to a list, so the records' lists are empty until here.</summary>
    private static GatewayOptions WithDefaultLists(GatewayOptions options) => options with
    {
        Session = options.Session with
        {
            WakeupWords = options.Session.WakeupWords.Count > 0 ? options.Session.WakeupWords : SessionOptions.DefaultWakeupWords,
            ExitCommands = options.Session.ExitCommands.Count > 0 ? options.Session.ExitCommands : SessionOptions.DefaultExitCommands,
        },
    };
}
