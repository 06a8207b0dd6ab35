using System.Diagnostics;

namespace FastGate.Diagnostics;

/// <summary>
/// Spans: one for each turn; below it one for each provider call and tool call, by OpenTelemetry's conventions for generative AI, and one for each stage
/// of a spoken turn. Without a trace exporter nothing listens, and starting a span is one check that returns null.
/// </summary>
internal static class GatewayTracing
{
    public const string SourceName = "FastGate";

    private const string Turn = "turn";

    private static readonly ActivitySource s_source = new(SourceName, ProcessMetrics.Version);

    /// <summary>The span of the turn in which the caller runs, also from within a call of it; the default without one.</summary>
    public static ActivityContext CurrentTurn
    {
        get
        {
            Activity? span = Activity.Current;
            while (span is not null && span.OperationName != Turn)
            {
                span = span.Parent;
            }

            return span?.Context ?? default;
        }
    }

    public static Activity? StartTurn(string? purpose, string? deviceId, string? sessionId)
    {
        Activity? turn = Start(Turn, ActivityKind.Internal);
        if (turn is { IsAllDataRequested: true })
        {
            turn.SetTag("gen_ai.operation.name", "invoke_agent").SetTag("gen_ai.conversation.id", sessionId).SetTag("device.id", deviceId).SetTag("purpose", purpose);
        }

        return turn;
    }

    /// <summary>One request to a language model.</summary>
    /// <param name="alias">Alias of the provider.</param>
    /// <param name="provider">Its type.</param>
    /// <param name="model">The model that is asked for; null where the provider has none.</param>
    /// <param name="address">Its base address; only host and port are recorded.</param>
    public static Activity? StartChat(string alias, string provider, string? model, string? address)
    {
        Activity? chat = Start("chat", ActivityKind.Client);
        if (chat is { IsAllDataRequested: true })
        {
            chat.DisplayName = model is null ? "chat" : $"chat {model}";
            chat.SetTag("gen_ai.operation.name", "chat").SetTag("gen_ai.provider.name", provider).SetTag("gen_ai.request.model", model).SetTag("provider", alias);
            if (Uri.TryCreate(address, UriKind.Absolute, out Uri? server))
            {
                SetServer(chat, server);
            }
        }

        return chat;
    }

    /// <param name="chat">The span; null is allowed.</param>
    /// <param name="tokensIn">Tokens of the request.</param>
    /// <param name="tokensOut">Tokens of the reply.</param>
    /// <param name="finish">Why the model ended the reply, if it said so.</param>
    /// <param name="failure">What failed; null for a complete reply.</param>
    public static void EndChat(Activity? chat, long tokensIn, long tokensOut, string? finish, string? failure)
    {
        if (chat is not { IsAllDataRequested: true })
        {
            return;
        }

        chat.SetTag("gen_ai.usage.input_tokens", tokensIn).SetTag("gen_ai.usage.output_tokens", tokensOut);
        if (finish is not null)
        {
            chat.SetTag("gen_ai.response.finish_reasons", (string[])[finish]);
        }

        Fail(chat, failure);
    }

    public static Activity? StartTool<T>(string? name, string callId, T source)
        where T : struct, Enum
    {
        Activity? tool = s_source.StartActivity("execute_tool");
        if (tool is { IsAllDataRequested: true })
        {
            tool.DisplayName = name is null ? "execute_tool" : $"execute_tool {name}";
            tool.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", name).SetTag("gen_ai.tool.call.id", callId).SetTag("source", source.ToString());
        }

        return tool;
    }

    /// <summary>
    /// A stage of a spoken turn that has ended now, as a child of the turn's span. Stages are measured where they end, because they begin on other
    /// threads, some before their turn.
    /// </summary>
    /// <param name="turn">The turn's span; without one nothing is recorded.</param>
    /// <param name="stage">Name of the stage.</param>
    /// <param name="provider">Alias of the provider, or empty.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="endedAgo">How long ago it ended.</param>
    /// <param name="server">Address of the provider; only host and port are recorded.</param>
    public static void Stage(ActivityContext turn, string stage, string provider, TimeSpan duration, TimeSpan endedAgo = default, Uri? server = null)
    {
        if (turn == default || !s_source.HasListeners())
        {
            return;
        }

        DateTimeOffset end = DateTimeOffset.UtcNow - endedAgo;
        using Activity? span = s_source.StartActivity(stage, ActivityKind.Internal, turn, startTime: end - duration);
        if (span is not null)
        {
            if (provider.Length > 0)
            {
                span.SetTag("provider", provider);
            }

            if (server is not null)
            {
                SetServer(span, server);
            }

            span.SetEndTime(end.UtcDateTime);
        }
    }

    public static void SetOutcome<T>(Activity? span, T outcome, bool failed)
        where T : struct, Enum
    {
        if (span is { IsAllDataRequested: true })
        {
            string text = outcome.ToString();
            span.SetTag("outcome", text);
            Fail(span, failed ? text : null);
        }
    }

    /// <summary>The framework numbers its HTTP requests with activities that nothing samples; one of them as the parent would leave the span out.</summary>
    private static Activity? Start(string name, ActivityKind kind)
    {
        if (s_source.HasListeners() && Activity.Current is { } current && current.Source != s_source)
        {
            // Within the caller's asynchronous method only.
            Activity.Current = null;
        }

        return s_source.StartActivity(name, kind);
    }

    private static void SetServer(Activity span, Uri server) => span.SetTag("server.address", server.IdnHost).SetTag("server.port", server.Port);

    private static void Fail(Activity span, string? failure)
    {
        if (failure is not null)
        {
            span.SetTag("error.type", failure).SetStatus(ActivityStatusCode.Error);
        }
    }
}
