namespace FastGate.Tools.Settings;

/// <summary>One MCP server of the operator as it is configured below <c>Mcp:Servers</c>: a program to start or an address to call.</summary>
internal sealed class McpServerSettings : IEquatable<McpServerSettings>
{
    /// <summary>The operator's name for it.</summary>
    public required string Name { get; init; }

    /// <summary>Every setting with its value, for comparison only: it holds secrets.</summary>
    public required string Text { get; init; }

    /// <summary>The program to start; it speaks MCP on its standard input and output.</summary>
    public string? Command { get; init; }

    /// <summary>Arguments of the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables of the program, by name; all of them are secrets.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the program starts; the folder of the gateway when absent.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>The address of a server that is called over HTTP, in place of <c>Command</c>.</summary>
    public Uri? Url { get; init; }

    /// <summary>Headers of each request, by name; all of them are secrets. <c>{name}_FILE</c> reads one from a file.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Sent as a bearer token. <c>ApiKey_FILE</c> reads it from a file.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether it is used.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Time for one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time from the start of the program, or from the first request, to the list of tools.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Calls at once; more wait.</summary>
    public int MaxConcurrency { get; init; } = 16;

    /// <summary>The tools that are offered to the model, by the server's names; all of them when absent.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    public bool Equals(McpServerSettings? other) => other is not null && Name == other.Name && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as McpServerSettings);

    public override int GetHashCode() => HashCode.Combine(Name, Text);

    /// <summary>Never prints a secret: settings end up in logs and exception texts.</summary>
    public override string ToString() => $"{Name} ({(Command is null ? "http" : "stdio")})";
}
