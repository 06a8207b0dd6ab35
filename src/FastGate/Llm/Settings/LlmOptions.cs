using FastGate.Configuration.Validation;
using Microsoft.Extensions.Options;

namespace FastGate.Llm.Settings;

/// <summary>The part of <c>Llm</c> with fixed keys; <see cref="LlmConfiguration"/> reads <c>Llm:Providers</c> and <c>Llm:ByMode</c>, whose keys the operator names.</summary>
internal sealed record LlmOptions : IOptionSection
{
    /// <summary>Alias used when nothing else resolves.</summary>
    [Text(256)]
    public string Default { get; init; } = LlmProviderTypes.Echo;

    [ValidateObjectMembers]
    public LlmTimeouts Timeouts { get; init; } = new();
}

/// <summary>Time limits of one LLM call.</summary>
internal sealed record LlmTimeouts : IOptionSection
{
    /// <summary>Time to connect to the server.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time from the request to the first words.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Time between two pieces of the reply.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan BetweenTokens { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time of the whole call.</summary>
    [Duration(DurationAttribute.Shortest, "01:00:00")]
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(30);
}
