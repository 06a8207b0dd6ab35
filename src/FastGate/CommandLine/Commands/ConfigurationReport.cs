using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Xiaozhi;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Speech.Settings;
using FastGate.Tools.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.CommandLine.Commands;

/// <summary>What was read of a configuration, as text for a person. Secrets are masked.</summary>
internal static class ConfigurationReport
{
    private const int MostShown = 80;
    private const string Indent = "  ";

    /// <param name="reader">After its read.</param>
    /// <param name="failures">Why the configuration cannot be used.</param>
    /// <param name="found">Warnings of others than the reader.</param>
    public static IEnumerable<string> Lines(ConfigurationReader reader, IReadOnlyList<string> failures, IEnumerable<string> found)
    {
        string[] files = [.. reader.Files.Where(File.Exists)];
        string[] warnings =
        [
            .. reader.Notes.Distinct().OrderBy(note => Array.IndexOf(files, note.File)).ThenBy(static note => note.Line)
                .Select(note => $"{Place(files, note.File, note.Line)}: {note.Text}"),
            .. reader.Unknown.Select(static unknown => $"FastGate:{unknown.Key}: unknown; the nearest known key is FastGate:{unknown.Nearest}"),
            .. reader.Llm?.Warnings ?? [],
            .. reader.Speech?.Warnings ?? [],
            .. reader.Mcp?.Warnings ?? [],
            .. found,
        ];
        string outcome = failures.Count > 0 ? $"The configuration cannot be used: {failures.Count} errors, {warnings.Length} warnings."
            : $"The configuration can be used: {warnings.Length} warnings.";
        return
        [
            .. Section("Files", files),
            .. Section("Understood", reader.Keys.Keys.OrderBy(key => OrderOf(files, reader.Origins.GetValueOrDefault(key))).Select(key => Understood(files, reader, key))),
            .. Section("Ignored", reader.Ignored.OrderBy(ignored => Array.IndexOf(files, ignored.File)).ThenBy(static ignored => ignored.Line)
                .Select(ignored => $"{Place(files, ignored.File, ignored.Line)}: {ignored.Path}: {(ignored.Lost is string lost ? $"{lost}: not read from this file" : "no meaning here")}")),
            .. Section("Warnings", warnings),
            .. Section("Errors", failures),
            .. Section("Language models", failures.Count == 0 && reader.Llm is { } llm ? Models(llm) : []),
            .. Section("Speech", failures.Count == 0 && reader.Speech is { } speech ? Speech(speech) : []),
            outcome,
        ];
    }

    private static IEnumerable<string> Section(string title, IEnumerable<string> lines) =>
        lines.Select(static line => Indent + line).ToArray() is { Length: > 0 } indented ? [title + ":", .. indented] : [];

    private static (int File, long Line) OrderOf(string[] files, XiaozhiOrigin? origin) =>
        origin is null ? (int.MaxValue, 0) : (Array.IndexOf(files, origin.File), origin.Line);

    private static string Place(string[] files, string file, long line) =>
        files.Length > 1 ? $"line {line} of {Path.GetFileName(file)}" : $"line {line}";

    private static string Understood(string[] files, ConfigurationReader reader, string key)
    {
        // The value of an option is the one that the server would use, not the text that was read.
        string text = reader.Keys[key] ?? "";
        if (reader.Options is { } options && (OptionSchema.ListOf(key) is not null || OptionSchema.Keys.ContainsKey(key)))
        {
            text = OptionSchema.TextOf(options, key, text) ?? "(not set)";
        }

        string value = $"{GatewayOptions.Section}:{key} = {Shown(key, text)}";
        return reader.Origins.TryGetValue(key, out XiaozhiOrigin? origin) ? $"{origin.Path} ({Place(files, origin.File, origin.Line)}) -> {value}" : value;
    }

    /// <summary>One line. Keys that FastGate does not know are masked when their name sounds secret, or when an option of nearly this name is one.</summary>
    private static string Shown(string key, string value)
    {
        bool isFree = OptionSchema.IsFreeForm(key);
        string name = key[(key.LastIndexOf(':') + 1)..];
        bool isKnown = OptionSchema.Keys.ContainsKey(key) || OptionSchema.ListOf(key) is not null || SecretFiles.SecretOf(key) is not null;
        bool isSecret = OptionSchema.IsSecret(key)
            || (!isKnown && SecretNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            || (!isKnown && !isFree && OptionSchema.IsSecret(UnknownKeys.Nearest(key)));
        string shown = PlaceholderText.Is(value) && isFree ? $"{value} (a placeholder, not set)"
            : isSecret ? MaskOf(value)
            : isFree && LlmSetting.Find(name)?.Mask is { } mask ? mask(value) ?? ""
            : value.AsSpan().ContainsAny('@', '?', '#') && WebAddress.IsAny(value) ? LlmSecrets.MaskUrl(value)!
            : McpServerKeys.IsArgument(key) ? LogText.Mask(value)
            : SecretText.WithoutUserInfo(value);
        shown = shown.ReplaceLineEndings("\\n");
        return shown.Length > MostShown ? $"{shown[..MostShown]}... ({value.Length} characters)" : shown;
    }

    /// <summary>The end of a connection string, an address or a list of headers may be a whole password.</summary>
    private static string MaskOf(string secret) => secret.AsSpan().ContainsAny("=/, ") ? OptionFailure.Masked : LlmSecrets.Mask(secret)!;

    private static string[] SecretNames { get; } = ["key", "token", "secret", "password"];

    /// <summary>Who is asked, in order, and why.</summary>
    private static IEnumerable<string> Speech(SpeechConfiguration speech) =>
    [
        .. Providers("recogniser", speech.Recognizers, "what is said is played back"),
        .. Providers("synthesiser", speech.Synthesizers, speech.HasSynthesizerSetting ? "replies are text" : "espeak-ng speaks where it is installed and a recogniser is configured"),
    ];

    private static IEnumerable<string> Providers(string kind, IReadOnlyList<SpeechProviderSettings> providers, string otherwise) =>
        providers.Count == 0 ? [$"{kind}: none: {otherwise}"]
        : providers.Select(provider => $"{kind}: {provider.Alias} ({string.Join(' ', new[] { provider.Type, provider.Model, LlmSecrets.MaskUrl(provider.BaseUrl) }.OfType<string>())}): {provider.Why}");

    /// <summary>As <c>GET /api/v1/llm</c> shows it: clients are made, but nothing is sent.</summary>
    private static IEnumerable<string> Models(LlmConfiguration llm)
    {
        using var catalog = new LlmCatalog(llm, new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        return [.. catalog.Explain().Select(static row =>
            $"{row.Purpose}: {row.Alias} ({string.Join(' ', new[] { row.Type, row.Model, row.BaseUrl }.OfType<string>())}): {row.Why}{(row.Warning is null ? "" : $"; {row.Warning}")}")];
    }
}
