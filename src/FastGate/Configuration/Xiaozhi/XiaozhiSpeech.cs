using System.Globalization;
using FastGate.Configuration.Yaml;
using FastGate.Speech.Settings;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>
/// Converts the recogniser and the synthesiser that the old server's file selects, by their types. A type that FastGate does not have sets nothing and
/// gets a note that names what to use instead.
/// </summary>
internal static class XiaozhiSpeech
{
    private const string ByServer = "a server with /v1/audio/transcriptions (type openai) or a FunASR runtime (type fun_server)";
    private const string BySpeechServer = "a server with /v1/audio/speech (type openai), or install espeak-ng, which speaks while no synthesiser is configured";

    /// <summary>What the settings of a provider are called here, and the spellings of the old server's types, the first that is set first.</summary>
    private static readonly (string Key, string[] Spellings)[] s_common =
    [
        ("BaseUrl", ["base_url", "api_url", "url"]),
        ("ApiKey", ["api_key", "access_token"]),
        ("Model", ["model_name", "model"]),
        ("Voice", ["private_voice", "voice"]),
        ("Language", ["language", "lang"]),
        ("Speed", ["speed"]),
    ];

    private static readonly Dictionary<string, Action<XiaozhiConfigReader, YamlMapping, string, string>> s_recognizers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fun_server"] = SetFunServer,
        [SpeechProviderTypes.FunAsr] = static (reader, node, path, key) => SetProvider(reader, node, path, key, SpeechProviderTypes.FunAsr),
        [SpeechProviderTypes.OpenAi] = static (reader, node, path, key) => SetProvider(reader, node, path, key, SpeechProviderTypes.OpenAi),
    };

    private static readonly Dictionary<string, Action<XiaozhiConfigReader, YamlMapping, string, string>> s_synthesizers = new(StringComparer.OrdinalIgnoreCase)
    {
        [SpeechProviderTypes.OpenAi] = SetOpenAiVoice,
        [SpeechProviderTypes.Espeak] = static (reader, node, path, key) => SetProvider(reader, node, path, key, SpeechProviderTypes.Espeak),
        ["siliconflow"] = SetSiliconFlow,
    };

    public static void SetRecognizer(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) =>
        SetSelected(reader, node, row, s_recognizers, static type => type switch
        {
            "fun_local" or "sherpa_onnx_local" or "vosk" => $"it runs inside the old server: run {ByServer}",
            _ => $"use {ByServer}",
        });

    public static void SetSynthesizer(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) =>
        SetSelected(reader, node, row, s_synthesizers, static _ => $"use {BySpeechServer}");

    /// <summary>Only a provider that an earlier row has converted can be the default.</summary>
    public static void SetDefault(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        string section = row.Path[(row.Path.IndexOf('.') + 1)..];
        if (YamlValues.Text(node) is not { } alias)
        {
            return;
        }

        if (reader.Find($"{section}.{alias}") is null)
        {
            reader.Note(node, $"{row.Path}: the section {section} has no {alias}, so nothing is selected");
        }
        else if (reader.IsSet($"{row.Key[..row.Key.LastIndexOf(':')]}:Providers:{alias}"))
        {
            reader.Set(row.Key, alias, node, row.Path);
        }
    }

    /// <summary>Percent from a number between 0 and 1.</summary>
    public static void SetPercent(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) =>
        SetNumber(reader, node, row, 100, 1, 99, static percent => percent.ToString(CultureInfo.InvariantCulture));

    /// <summary>A duration from milliseconds.</summary>
    public static void SetMilliseconds(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row) =>
        SetNumber(reader, node, row, 1, 100, 10_000, static milliseconds => TimeSpan.FromMilliseconds(milliseconds).ToString("c", CultureInfo.InvariantCulture));

    private static void SetSelected(
        XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row,
        Dictionary<string, Action<XiaozhiConfigReader, YamlMapping, string, string>> types, Func<string, string> instead)
    {
        string alias = row.Path[(row.Path.IndexOf('.') + 1)..];
        if (node is not YamlMapping provider)
        {
            reader.Note(node, $"{row.Path} holds no settings and is ignored");
            return;
        }

        // Without a type, the old server takes the name for it.
        string type = YamlValues.Text(provider.Child("type")) ?? alias;
        if (alias.Contains(':'))
        {
            reader.Note(node, $"{row.Path}: a name with a colon is ignored");
        }
        else if (type == "custom" && CustomSpeech(provider) is { } custom)
        {
            SetOpenAiVoice(reader, custom, row.Path, $"{row.Key}:{alias}");
        }
        else if (types.TryGetValue(type, out Action<XiaozhiConfigReader, YamlMapping, string, string>? set))
        {
            set(reader, provider, row.Path, $"{row.Key}:{alias}");
        }
        else
        {
            reader.Note(provider.Child("type") ?? node, $"{row.Path}.type: {type} is not supported: {instead(type)}");
        }
    }

    private static void SetProvider(XiaozhiConfigReader reader, YamlMapping node, string path, string key, string type)
    {
        reader.Set($"{key}:Type", type, node.Child("type") ?? node, $"{path}.type");
        foreach ((string name, string[] spellings) in s_common)
        {
            foreach (string spelling in spellings)
            {
                if (node.Child(spelling) is { } child)
                {
                    reader.Set($"{key}:{name}", reader.Setting(child, $"{path}.{spelling}"), child, $"{path}.{spelling}");
                }
            }
        }
    }

    /// <summary>The old server connects with TLS unless the file says otherwise, and accepts every certificate: the runtime's own is not signed by anyone.</summary>
    private static void SetFunServer(XiaozhiConfigReader reader, YamlMapping node, string path, string key)
    {
        YamlNode place = node.Child("host") ?? node;
        bool isSecure = YamlValues.Text(node.Child("is_ssl")) is not { } secure || YamlValues.Boolean(secure) == true;
        string host = node.Child("host") is { } named ? reader.Setting(named, $"{path}.host") ?? "localhost" : "localhost";
        string port = node.Child("port") is { } number && reader.Setting(number, $"{path}.port") is { } text ? YamlValues.Number(text) : "10095";
        reader.Set($"{key}:Type", SpeechProviderTypes.FunAsr, node.Child("type") ?? node, $"{path}.type");
        reader.Set($"{key}:BaseUrl", $"{(isSecure ? "wss" : "ws")}://{host}:{port}", place, $"{path}.host");
        if (isSecure)
        {
            reader.Set($"{key}:AcceptAnyCertificate", "true", node.Child("is_ssl") ?? node, $"{path}.is_ssl");
        }

        if (node.Child("api_key") is { } secret && YamlValues.Text(secret) != "none")
        {
            reader.Set($"{key}:ApiKey", reader.Setting(secret, $"{path}.api_key"), secret, $"{path}.api_key");
        }
    }

    /// <summary>The old server asks for WAV files, whose header names the sample rate, so that is what these servers are known to answer.</summary>
    private static void SetOpenAiVoice(XiaozhiConfigReader reader, YamlMapping node, string path, string key)
    {
        SetProvider(reader, node, path, key, SpeechProviderTypes.OpenAi);
        reader.Set($"{key}:Format", "wav", node.Child("type") ?? node, $"{path}.type");
    }

    private static void SetSiliconFlow(XiaozhiConfigReader reader, YamlMapping node, string path, string key)
    {
        SetOpenAiVoice(reader, node, path, key);
        reader.Set($"{key}:BaseUrl", "https://api.siliconflow.cn/v1", node.Child("type") ?? node, $"{path}.type");
    }

    /// <summary>The settings of a custom synthesiser that calls <c>/v1/audio/speech</c>, in one mapping; null for every other one.</summary>
    private static YamlMapping? CustomSpeech(YamlMapping node)
    {
        if (YamlValues.Text(node.Child("url")) is not { } url || !url.TrimEnd('/').EndsWith("/audio/speech", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        OrderedDictionary<string, YamlNode> entries = new(node.Entries);
        foreach ((string name, YamlNode value) in (node.Child("params") as YamlMapping)?.Entries ?? [])
        {
            entries.TryAdd(name, value);
        }

        return node with { Entries = entries };
    }

    /// <summary>A number outside the bounds of FastGate becomes the nearest bound, with a note: the old server starts with any number.</summary>
    private static void SetNumber(
        XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row, int factor, int least, int most, Func<int, string> write)
    {
        if (reader.Setting(node, row.Path) is not string text)
        {
            return;
        }

        if (!double.TryParse(YamlValues.Number(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
        {
            reader.Note(node, $"{row.Path}: {text} is not a number and is ignored");
            return;
        }

        double value = Math.Round(number * factor);
        int bounded = (int)Math.Clamp(value, least, most);
        if (bounded != value)
        {
            reader.Note(node, $"{row.Path}: {text} is outside the range of FastGate:{row.Key}, which becomes {write(bounded)}");
        }

        reader.Set(row.Key, write(bounded), node, row.Path);
    }
}
