using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Tools.Settings;

/// <summary>The MCP servers of the section <c>FastGate:Mcp:Servers</c>. Only a server that is enabled can stop the start.</summary>
internal sealed partial class McpConfiguration
{
    private const int MostServers = 32;
    private const int LongestName = 32;

    private readonly Func<string, string?> _variable;
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    private McpConfiguration(IConfigurationSection section, Func<string, string?> variable)
    {
        _variable = variable;
        IConfigurationSection[] servers = [.. section.GetSection("Servers").GetChildren()];
        if (servers.Length > MostServers)
        {
            _errors.Add(OptionFailure.Text($"{section.Path}:Servers", $"{servers.Length} servers", $"at most {MostServers} servers"));
        }

        Servers = [.. servers.Take(MostServers).Select(Read).Where(static server => server.Enabled)];
    }

    public static McpConfiguration Empty { get; } = Read(new ConfigurationBuilder().Build().GetSection("FastGate:Mcp"));

    /// <summary>Those that are enabled.</summary>
    public IReadOnlyList<McpServerSettings> Servers { get; }

    public IReadOnlyList<string> Errors => _errors;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <param name="section">The section <c>FastGate:Mcp</c>.</param>
    /// <param name="variable">The value of a variable of the environment.</param>
    public static McpConfiguration Read(IConfigurationSection section, Func<string, string?>? variable = null) =>
        new(section, variable ?? Environment.GetEnvironmentVariable);

    private McpServerSettings Read(IConfigurationSection section)
    {
        int errorsBefore = _errors.Count;
        string? command = null, folder = null, apiKey = null;
        Uri? url = null;
        bool enabled = true;
        Dictionary<string, string> environment = [];
        Dictionary<string, string> headers = [];
        string[] arguments = [], tools = [];
        TimeSpan timeout = TimeSpan.FromSeconds(20), startTimeout = TimeSpan.FromSeconds(60);
        int concurrency = 16;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            switch (child.Key.ToLowerInvariant())
            {
                case "command": command = Text(child); break;
                case "arguments": arguments = [.. child.GetChildren().Select(argument => Expand(argument) ?? "")]; break;
                case "environment": environment = Pairs(child); break;
                case "workingfolder": folder = Text(child); break;
                case "url": url = Address(child); break;
                case "headers": headers = Pairs(child); break;
                case "apikey": apiKey = Text(child); break;
                case "enabled": enabled = Flag(child); break;
                case "timeout": timeout = Duration(child, timeout); break;
                case "starttimeout": startTimeout = Duration(child, startTimeout); break;
                case "maxconcurrency": concurrency = Number(child, concurrency); break;
                case "tools": tools = [.. child.GetChildren().Select(Text).OfType<string>()]; break;
                default: _warnings.Add($"{child.Path}: not a setting that FastGate knows; ignored."); break;
            }
        }

        if (!ServerName().IsMatch(section.Key) || section.Key.Length > LongestName)
        {
            _errors.Add(OptionFailure.Text(section.Path, section.Key, $"a name of letters, digits, '_' and '-', at most {LongestName}"));
        }
        else if ((command is null) == (url is null) && _errors.Count == errorsBefore)
        {
            _errors.Add(OptionFailure.Text(section.Path, section.Key, "a server with either Command or Url"));
        }

        if (!enabled)
        {
            // A server that is switched off may be half configured.
            _errors.RemoveRange(errorsBefore, _errors.Count - errorsBefore);
        }

        return new McpServerSettings
        {
            Name = section.Key,
            Text = string.Join('\n', section.AsEnumerable().Where(static key => key.Value is not null)
                .OrderBy(static key => key.Key, StringComparer.Ordinal).Select(key => $"{key.Key}={Filled(key.Value!)}")),
            Command = command,
            Arguments = arguments,
            Environment = environment,
            WorkingFolder = folder,
            Url = url,
            Headers = headers,
            ApiKey = apiKey,
            Enabled = enabled,
            Timeout = timeout,
            StartTimeout = startTimeout,
            MaxConcurrency = concurrency,
            Tools = tools,
        };
    }

    /// <summary>Null when it is blank.</summary>
    private string? Text(IConfigurationSection value) => Expand(value)?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>Replaces <c>${NAME}</c> and <c>${NAME:-default}</c> by variables of the environment, so that a secret needs no place in a file.</summary>
    private string? Expand(IConfigurationSection value)
    {
        if (value.Value is not { } raw)
        {
            return null;
        }

        string text = Filled(raw);
        if (Variable().Match(text) is { Success: true } missing)
        {
            _errors.Add(OptionFailure.Text(value.Path, missing.Value, "a text whose variables of the environment are set"));
        }

        return text;
    }

    private string Filled(string text) => Variable().Replace(text, match => _variable(match.Groups[1].Value) is { Length: > 0 } set ? set
        : match.Groups[2].Success ? match.Groups[2].Value
        : match.Value);

    private Dictionary<string, string> Pairs(IConfigurationSection section)
    {
        Dictionary<string, string> pairs = [];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            string text = Expand(child) ?? "";
            if (text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            {
                _errors.Add(OptionFailure.Text(child.Path, OptionFailure.Masked, "one line of text"));
            }

            pairs[child.Key] = text;
        }

        return pairs;
    }

    private Uri? Address(IConfigurationSection value)
    {
        string? text = Text(value);
        if (WebAddress.Http(text) is { } uri)
        {
            return uri;
        }

        _errors.Add(OptionFailure.Text(value.Path, text, "an http or https address"));
        return null;
    }

    private bool Flag(IConfigurationSection value)
    {
        if (bool.TryParse(Text(value), out bool flag))
        {
            return flag;
        }

        _errors.Add(OptionFailure.Text(value.Path, value.Value, "true or false"));
        return true;
    }

    private int Number(IConfigurationSection value, int otherwise)
    {
        if (int.TryParse(Text(value), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 1_000)
        {
            return number;
        }

        _errors.Add(OptionFailure.Text(value.Path, value.Value, "a whole number from 1 to 1000"));
        return otherwise;
    }

    private TimeSpan Duration(IConfigurationSection value, TimeSpan otherwise)
    {
        string? text = Text(value);
        bool isSeconds = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 600;
        TimeSpan span = isSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        if (isSeconds || (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span) && span > TimeSpan.Zero && span <= TimeSpan.FromMinutes(10)))
        {
            return span;
        }

        _errors.Add(OptionFailure.Text(value.Path, value.Value, "seconds or a time span above 0 and up to 00:10:00"));
        return otherwise;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex ServerName();

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")]
    private static partial Regex Variable();
}
