namespace FastGate.Tools.Settings;

/// <summary>One MCP server of the operator as it is configured below <c>Mcp:Servers</c>: a program to start or an address to call.</summary>
internal sealed class McpServerSettings : IEquatable<McpServerSettings>
{
    /// <summary>The operator's name for it.</summary>
    public required string Name { get; init; }

    /// <summary>Every setting with its value, for comparison only: it holds secrets.</summary>
    public required string Text { get; init; }

    /// <summary>The program to start; null for a server that is called over HTTP.</summary>
    public string? Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables of the program, beside a few such as PATH and HOME; it gets no others of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingFolder { get; init; }

    /// <summary>The address of a server that is called over HTTP.</summary>
    public Uri? Url { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string? ApiKey { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>Of one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From the start of the program, or from the first request, to the list of tools. A program may have to be downloaded first.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Calls at once.</summary>
    public int MaxConcurrency { get; init; } = 16;

    /// <summary>The tools that are offered to the model, by the server's names; empty: all of them.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    public bool Equals(McpServerSettings? other) => other is not null && Name == other.Name && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as McpServerSettings);

    public override int GetHashCode() => HashCode.Combine(Name, Text);

    /// <summary>Never prints a secret: settings end up in logs and exception texts.</summary>
    public override string ToString() => $"{Name} ({(Command is null ? "http" : "stdio")})";
}
