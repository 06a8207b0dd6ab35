namespace FastGate.Configuration.Loading;

/// <summary>The configuration cannot be used at start. The message contains every failure, one a line.</summary>
internal sealed class InvalidConfigurationException(IReadOnlyList<string> failures)
    : Exception("The configuration cannot be used:" + string.Concat(failures.Select(static failure => $"\n  {failure}")))
{
    public IReadOnlyList<string> Failures { get; } = failures;
}
