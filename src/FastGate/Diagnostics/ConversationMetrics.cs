using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>
/// Instruments of conversations. Tags are configured providers and purposes, and closed lists. A purpose that is not configured, which a device can
/// send, is counted as <c>other</c>; see <see cref="ListPurposes"/>.
/// </summary>
internal sealed class ConversationMetrics
{
    private const string Other = "other";

    private readonly GatewayMeter _meter;
    private readonly Counter<long> _turns;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _fallbacks;
    private readonly Counter<long> _breakerOpenings;
    private readonly Counter<long> _tools;
    private readonly Histogram<double> _toolDuration;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _firstToken;
    private volatile HashSet<string> _purposes = new(StringComparer.Ordinal);

    public ConversationMetrics(IMeterFactory factory)
    {
        _meter = GatewayMeter.Create(factory);
        _turns = _meter.CreateCounter<long>("fastgate.conversation.turns", "{turn}", "Turns that ended, by outcome.");
        _rejected = _meter.CreateCounterAtZero("fastgate.conversation.rejected", "{turn}", "Turns rejected because the queue was full.");
        _calls = _meter.CreateCounter<long>("fastgate.conversation.calls", "{call}", "Requests to providers, by result.");
        _tokens = _meter.CreateCounter<long>("fastgate.conversation.tokens", "{token}", "Tokens in, out, and received after an interruption.");
        _fallbacks = _meter.CreateCounter<long>("fastgate.conversation.fallbacks", "{call}", "Calls that the default provider took over.");
        _breakerOpenings = _meter.CreateCounter<long>("fastgate.conversation.breaker.openings", "{opening}", "Circuit breakers that opened.");
        _tools = _meter.CreateCounter<long>("fastgate.tools.calls", "{call}", "Tools that a model called, by source and outcome.");
        _toolDuration = _meter.CreateHistogram<double>("fastgate.tools.duration", "s", "Time of one tool call.");
        _wait = _meter.CreateHistogram<double>("fastgate.conversation.queue.wait", "s", "Time a turn waited for its start.");
        _firstToken = _meter.CreateHistogram<double>("fastgate.conversation.first_token", "s", "Time from request to first token.");
    }

    /// <summary>The purposes that may become tags.</summary>
    public void ListPurposes(IEnumerable<string> purposes) => _purposes = new HashSet<string>(purposes, StringComparer.Ordinal);

    public void Observe(Func<int> depth, Func<int> inFlight)
    {
        _meter.CreateObservableGauge("fastgate.conversation.queue.depth", depth, "{turn}", "Turns waiting.");
        _meter.CreateObservableGauge("fastgate.conversation.in_flight", inFlight, "{turn}", "Turns in progress.");
    }

    public void TurnEnded(Enum outcome, string purpose) =>
        _turns.Add(1, new KeyValuePair<string, object?>("outcome", Tag(outcome)), new KeyValuePair<string, object?>("purpose", Purpose(purpose)));

    public void Rejected() => _rejected.Add(1);

    public void Waited(TimeSpan wait) => _wait.Record(wait.TotalSeconds);

    public void CallEnded(string provider, string purpose, Enum failure) =>
        _calls.Add(1, Provider(provider), PurposeTag(purpose), new KeyValuePair<string, object?>("result", Tag(failure)));

    public void FirstToken(string provider, string purpose, TimeSpan latency) =>
        _firstToken.Record(latency.TotalSeconds, Provider(provider), PurposeTag(purpose));

    public void FellBack(string provider, string purpose) => _fallbacks.Add(1, Provider(provider), PurposeTag(purpose));

    public void ToolCalled(Enum source, Enum outcome, TimeSpan duration)
    {
        var from = new KeyValuePair<string, object?>("source", Tag(source));
        _tools.Add(1, from, new KeyValuePair<string, object?>("outcome", Tag(outcome)));
        _toolDuration.Record(duration.TotalSeconds, from);
    }

    public void BreakerOpened(string provider) => _breakerOpenings.Add(1, Provider(provider));

    public void Tokens(string provider, string purpose, long tokensIn, long tokensOut, long afterCancel)
    {
        Add("in", tokensIn);
        Add("out", tokensOut);
        Add("after_cancel", afterCancel);

        void Add(string direction, long count)
        {
            if (count > 0)
            {
                _tokens.Add(count, Provider(provider), PurposeTag(purpose), new KeyValuePair<string, object?>("direction", direction));
            }
        }
    }

    private static KeyValuePair<string, object?> Provider(string provider) => new("provider", provider);

    private KeyValuePair<string, object?> PurposeTag(string purpose) => new("purpose", Purpose(purpose));

    private string Purpose(string purpose) => _purposes.Contains(purpose) ? purpose : Other;

    /// <summary>Enum names as tags: <c>FirstTokenTimeout</c> is <c>first_token_timeout</c>.</summary>
    private static string Tag(Enum value)
    {
        string name = value.ToString();
        return string.Concat(name.Select(static (c, i) => char.IsUpper(c) && i > 0 ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
    }
}
