using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Xiaozhi;
using FastGate.Llm.Settings;
using FastGate.Speech.Settings;
using FastGate.Tools.Settings;
using Microsoft.Extensions.Configuration;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Reads the sources of the generic host into a snapshot. Each read builds new providers and leaves the host's own configuration alone, so a
/// file that breaks half-way changes nothing.
/// </summary>
internal sealed class ConfigurationReader(IReadOnlyList<IConfigurationSource> sources, string workingDirectory)
{
    private const string SectionPrefix = GatewayOptions.Section + ":";

    private readonly List<string> _failures = [];
    private readonly List<ConfigurationNote> _notes = [];

    /// <summary>Of the keys whose value came from the old server's file: the place in that file.</summary>
    private readonly Dictionary<string, XiaozhiOrigin> _origins = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The files that were read, and optional ones that do not exist yet; incomplete after a failed read.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Every key below <c>FastGate</c> with its value, also after a failed read.</summary>
    public IReadOnlyDictionary<string, string?> Keys { get; private set; } = new Dictionary<string, string?>();

    public IReadOnlyDictionary<string, XiaozhiOrigin> Origins => _origins;

    public IReadOnlyList<ConfigurationNote> Notes => _notes;

    /// <summary>Keys of the old server's files that FastGate does not use.</summary>
    public IReadOnlyList<XiaozhiIgnored> Ignored { get; private set; } = [];

    /// <summary>Keys that are not in the schema, with the nearest one that is.</summary>
    public IReadOnlyList<UnknownKey> Unknown { get; private set; } = [];

    /// <summary>The options as they were bound; null while failures prevent it.</summary>
    public GatewayOptions? Options { get; private set; }

    /// <summary>Null while failures of other sections prevent reading it.</summary>
    public LlmConfiguration? Llm { get; private set; }

    /// <summary>Null as <see cref="Llm"/> is.</summary>
    public SpeechConfiguration? Speech { get; private set; }

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

    /// <summary>Null while failures of other sections prevent reading it.</summary>
    public McpConfiguration? Mcp { get; private set; }

    /// <summary>Null, with every reason, when the configuration cannot be used.</summary>
    public GatewaySnapshot? Read(out IReadOnlyList<string> failures)
    {
        failures = _failures;
        Dictionary<string, string?> keys = ReadSources();
        Keys = keys;
        if (_failures.Count > 0)
        {
            return null;
        }

        ReadSecretFiles(keys);
        Unknown = [.. UnknownKeys.Find(keys.Keys)];
        if (ReadXiaozhi(keys) is { } xiaozhi)
        {
            foreach ((string key, XiaozhiOrigin origin) in xiaozhi.Origins.Where(origin => !keys.ContainsKey(origin.Key)))
            {
                _origins.Add(key, origin);
            }

            _notes.AddRange(xiaozhi.Notes);
            Ignored = xiaozhi.Ignored;
            var below = new Dictionary<string, string?>(xiaozhi.Keys, StringComparer.OrdinalIgnoreCase);
            ReadSecretFiles(below);
            ConfigurationLayers.PutBelow(keys, below);
        }

        if (_failures.Count > 0)
        {
            return null;
        }

        GatewayOptions options = Bind(keys, out IConfigurationSection section);
        if (_failures.Count > 0)
        {
            return null;
        }

        Options = options;
        Llm = LlmConfiguration.Read(section.GetSection("Llm"), options.Llm.Timeouts, key => OriginOf(key)?.ToString());
        AddFailures(Llm.Errors);
        Speech = SpeechConfiguration.Read(section.GetSection("Speech"), key => OriginOf(key)?.ToString());
        AddFailures(Speech.Errors);
        Mcp = McpConfiguration.Read(section.GetSection("Mcp"));
        AddFailures(Mcp.Errors);
        foreach ((string key, string text) in Llm.FileWarnings)
        {
            AddNote(OriginOf(key)!, text);
        }

        return _failures.Count > 0
            ? null
            : new GatewaySnapshot(options, Llm, Speech, Mcp, keys, Unknown, Ignored, [.. _notes.Distinct()]);
    }

    /// <summary>
    /// Binds and validates the keys. The keys that convert are bound and validated even if others do not, because an operator wants the whole list of
    /// failures. A value of the old server's file that nothing uses is ignored with a note instead.
    /// </summary>
    private GatewayOptions Bind(Dictionary<string, string?> keys, out IConfigurationSection section)
    {
        var convertible = new Dictionary<string, string?>(keys, StringComparer.OrdinalIgnoreCase);
        List<string> failures = [];
        foreach ((string key, string failure) in OptionShapes.Check(keys))
        {
            convertible.Remove(key);
            failures.Add(failure);
        }

        section = OptionBinding.SectionOf(convertible);
        GatewayOptions options = OptionBinding.Bind(section);
        failures.AddRange(GatewayOptionsValidator.FailuresOf(options));
        string[] unused = [.. failures.Where(failure => OriginOf(OptionFailure.KeyOf(failure)) is not null && UnusedKeys.Contains(KeyOf(failure), options))];
        AddFailures(failures.Except(unused));
        if (unused.Length == 0)
        {
            return options;
        }

        foreach (string failure in unused)
        {
            string text = failure[OptionFailure.KeyOf(failure).Length..].TrimStart();
            AddNote(OriginOf(OptionFailure.KeyOf(failure))!, $"{text}; ignored, because nothing uses it.");
            convertible.Remove(KeyOf(failure));
        }

        section = OptionBinding.SectionOf(convertible);
        return OptionBinding.Bind(section);
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

                KeyValuePair<string, string?>[] read = [.. new ConfigurationRoot([provider]).GetSection(GatewayOptions.Section).AsEnumerable(true)];
                AddDoubleSecrets(read);
                foreach ((string key, string? value) in read)
                {
                    bool isEmpty = value is null && LlmModeEntry.IsOverridesPath(key) && provider.TryGet($"{GatewayOptions.Section}:{key}", out _);
                    Put(keys, key, isEmpty ? "" : value);
                }

                _notes.AddRange(CheckedJsonSource.NotesOf(provider));
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
            // A secret and the file of a secret replace each other.
            if (OptionSchema.IsSecret(path) || SecretFiles.SecretOf(path) is not null)
            {
                foreach (string other in keys.Keys.Where(other => SecretFiles.IsOtherForm(other, path)).ToArray())
                {
                    keys.Remove(other);
                }
            }

            keys[path] = value;
        }
    }

    /// <summary>Of two forms in one source neither is the later one.</summary>
    private void AddDoubleSecrets(KeyValuePair<string, string?>[] read)
    {
        foreach ((string key, string? value) in read.Where(static key => key.Value is not null && SecretFiles.SecretOf(key.Key) is not null))
        {
            if (read.FirstOrDefault(other => !string.IsNullOrEmpty(other.Value) && SecretFiles.IsOtherForm(other.Key, key)).Key is { } other && !string.IsNullOrEmpty(value))
            {
                _failures.Add(OptionFailure.Text($"{SectionPrefix}{key}", value, $"only one of {SectionPrefix}{key} and {SectionPrefix}{other}"));
            }
        }
    }

    /// <summary>A file of a secret is watched as a configuration file.</summary>
    private void ReadSecretFiles(Dictionary<string, string?> keys)
    {
        List<string> failures = [];
        foreach ((string key, string secret, string file) in SecretFiles.Resolve(keys, workingDirectory, failures))
        {
            Files.Add(file);
            if (_origins.TryGetValue(key, out XiaozhiOrigin? origin))
            {
                _origins[secret] = origin;
            }
        }

        AddFailures(failures);
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
        failure => OriginOf(OptionFailure.KeyOf(failure)) is { } origin ? $"{failure} [from {origin}]" : failure));

    private void AddNote(XiaozhiOrigin origin, string text) => _notes.Add(
        new ConfigurationNote(origin.File, origin.Line, $"{origin.Path}{(text.StartsWith('=') ? " " : ": ")}{text.TrimEnd('.')}"));

    /// <summary>The place of a whole key, such as <c>FastGate:Auth:Key</c>, in the old server's file; null for a key from elsewhere.</summary>
    private XiaozhiOrigin? OriginOf(string key)
    {
        string path = key.StartsWith(SectionPrefix, StringComparison.Ordinal) ? key[SectionPrefix.Length..] : key;
        return _origins.TryGetValue(path, out XiaozhiOrigin? origin) ? origin
            : _origins.FirstOrDefault(below => path.Length > 0 && OptionPath.IsAtOrBelow(below.Key, path)).Value;
    }

    private static string KeyOf(string failure) => OptionFailure.KeyOf(failure)[SectionPrefix.Length..];
}
