using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>
/// One request to one provider. One token source with one timer enforces all timeouts: the wait for a slot, the first token, the time between
/// tokens. None extends beyond the time left for the call.
/// </summary>
internal sealed class LlmAttempt(
    LlmInstance instance, LlmCallBudget call, LlmPrompt prompt, ILlmReceiver receiver, LlmCancellation cancellation, TimeProvider time)
{
    /// <summary>Updates read after a cancellation. They come from the client's buffers; the bound stops a client that ignores its token.</summary>
    private const int MaxUpdatesAfterCancel = 256;

    /// <summary>How long to wait for usage and the end mark after the finish reason. A server may send neither and keep the connection open.</summary>
    private static readonly TimeSpan s_afterFinish = TimeSpan.FromSeconds(1);

    private readonly LlmEndpoint _endpoint = instance.Endpoint;
    private readonly ThinkFilter _think = new(instance.Endpoint.StartsInThought);

    // Null while the attempt waits for a slot.
    private long? _requestedAt;

    // The current timeout was shortened because earlier phases used up the call's time.
    private bool _truncated;
    private bool _receivedUpdate;
    private bool _called;
    private int _estimatedOut;
    private ChatFinishReason? _finish;

    /// <summary>Time from the request to the first words; reasoning and updates without text do not count.</summary>
    public TimeSpan? FirstToken { get; private set; }

    public TimeSpan SinceFirstToken => time.GetElapsedTime(_requestedAt!.Value) - FirstToken!.Value;

    public long TokensIn { get; private set; }

    public long TokensOut { get; private set; }

    /// <summary>Tokens that arrived after the cancellation: billed but not used.</summary>
    public long TokensAfterCancel { get; private set; }

    /// <summary>Why the model ended the reply; null before the end, or where the provider does not say it.</summary>
    public string? Finish => _finish?.Value;

    /// <summary>The server refused the tools and answered without them: it is called without tools from now on.</summary>
    public bool LearnedToolRefusal { get; private set; }

    /// <summary>Null when the reply is complete.</summary>
    public async Task<LlmException?> RunAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        cancellation.Attach(timeout);
        bool hasSlot = _endpoint.Server.TryEnter(call.IsBackground);
        try
        {
            if (!hasSlot)
            {
                Arm(timeout, call.FirstToken(instance.Settings.Timeouts));
                await _endpoint.Server.EnterAsync(call.IsBackground, timeout.Token);
                hasSlot = true;
                if (_endpoint.Breaker.IsOpen)
                {
                    // The breaker opened during the wait.
                    return BreakerOpen();
                }
            }

            _requestedAt = time.GetTimestamp();
            Arm(timeout, call.FirstToken(instance.Settings.Timeouts));
            await RequestAsync(timeout, _requestedAt.Value);
            if (cancellation.IsRequested)
            {
                return Cancelled();
            }

            Speak(_think.End(_finish == ChatFinishReason.Length), _requestedAt.Value);
            Remember();
            return receiver.HasText || _called ? null : new LlmException(LlmFailure.Empty, "the reply has no words; reasoning and white space do not count");
        }
        catch (Exception exception)
        {
            return Classify(exception, timeout);
        }
        finally
        {
            cancellation.Detach();
            if (hasSlot)
            {
                _endpoint.Server.Leave(call.IsBackground);
            }
        }
    }

    public static LlmException BreakerOpen() => new(LlmFailure.BreakerOpen, "the breaker is open");

    /// <summary>A server that refuses the tools is asked once more without them.</summary>
    private async Task RequestAsync(CancellationTokenSource timeout, long requestedAt)
    {
        IReadOnlyList<AITool> tools = prompt.Tools is { } offered && LlmProviderTypes.CallsFunctions(instance.Settings.Type)
            && !_endpoint.RefusesTools(time, ToolRefusal.Remembered) ? offered() : [];
        LlmException refused;
        try
        {
            await ReadAsync(timeout, requestedAt, tools);
            return;
        }
        catch (Exception exception) when (tools.Count > 0 && !_receivedUpdate && !timeout.IsCancellationRequested && ToolRefusal.IsPossible(LlmFailures.Of(exception)))
        {
            refused = LlmFailures.Of(exception);
        }

        await ReadAsync(timeout, requestedAt, tools: []);
        if (ToolRefusal.IsCertain(refused))
        {
            _endpoint.RefuseTools(time);
            LearnedToolRefusal = true;
        }
    }

    private async Task ReadAsync(CancellationTokenSource timeout, long requestedAt, IReadOnlyList<AITool> tools)
    {
        int updatesAfterCancel = 0;
        TokensIn = prompt.Messages.Sum(static message => (long)TokenEstimate.Of(message.Text));
        await foreach (ChatResponseUpdate update in instance.Client.GetStreamingResponseAsync(prompt.Messages, prompt.Options(tools), timeout.Token))
        {
            string text = update.Text;
            if (cancellation.IsRequested)
            {
                // A worker may not have fired the cancellation yet. What the client has buffered is read for the token count only.
                timeout.Cancel();
                CountAfterCancel(update, text);
                if (++updatesAfterCancel < MaxUpdatesAfterCancel)
                {
                    continue;
                }

                break;
            }

            _receivedUpdate = true;
            _finish = update.FinishReason ?? _finish;
            string words = _think.Append(text, out bool takeBack);
            if (takeBack)
            {
                receiver.Restart();
                FirstToken = null;
                Remember();
            }

            // The clock is armed again before the receiver works.
            NoteFirstWords(words, requestedAt);
            bool isOver = _finish is not null && text.Length == 0 && (FirstToken is not null || (tools.Count > 0 && _finish == ChatFinishReason.ToolCalls));
            Arm(timeout, isOver ? s_afterFinish : NextTimeout(requestedAt));
            Count(update, text);
            Speak(words, requestedAt);
            if (tools.Count > 0)
            {
                TakeCalls(update);
            }
        }
    }

    private void TakeCalls(ChatResponseUpdate update)
    {
        foreach (AIContent content in update.Contents)
        {
            if (content is FunctionCallContent call)
            {
                _called = true;
                receiver.Call(call);
            }
        }
    }

    private void NoteFirstWords(string words, long requestedAt)
    {
        if (FirstToken is null && !string.IsNullOrWhiteSpace(words))
        {
            FirstToken = time.GetElapsedTime(requestedAt);
        }
    }

    private void Speak(string words, long requestedAt)
    {
        if (words.Length > 0)
        {
            NoteFirstWords(words, requestedAt);
            receiver.Text(words);
        }
    }

    private void Remember()
    {
        if (_endpoint.StartsInThought != _think.StartsInThought)
        {
            _endpoint.StartsInThought = _think.StartsInThought;
        }
    }

    /// <summary>An update without text, which some providers send at once, does not shorten the timeout of the first token.</summary>
    private TimeSpan NextTimeout(long requestedAt)
    {
        TimeSpan between = instance.Settings.Timeouts.BetweenTokens;
        TimeSpan leftForFirst = FirstToken is null ? call.FirstToken(instance.Settings.Timeouts) - time.GetElapsedTime(requestedAt) : TimeSpan.Zero;
        return leftForFirst > between ? leftForFirst : between;
    }

    private void Count(ChatResponseUpdate update, string text)
    {
        _estimatedOut += TokenEstimate.Of(text);
        TokensOut = Math.Max(TokensOut, _estimatedOut);
        foreach (AIContent content in update.Contents)
        {
            if (content is UsageContent usage)
            {
                TokensIn = usage.Details.InputTokenCount is > 0 and { } tokensIn ? tokensIn : TokensIn;
                TokensOut = usage.Details.OutputTokenCount is > 0 and { } tokensOut ? tokensOut : TokensOut;
            }
        }
    }

    private void CountAfterCancel(ChatResponseUpdate update, string text)
    {
        TokensAfterCancel += TokenEstimate.Of(text);
        foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
        {
            // The tokens that the provider bills, minus those used before.
            TokensAfterCancel = Math.Max(TokensAfterCancel, (usage.Details.OutputTokenCount ?? 0) - TokensOut);
        }
    }

    private void Arm(CancellationTokenSource timeout, TimeSpan phase)
    {
        TimeSpan left = call.Left;
        TimeSpan next = phase < left ? phase : left > TimeSpan.Zero ? left : TimeSpan.Zero;

        // Only less than half counts as truncated: when the total equals the phase, slightly less than the phase is always left.
        _truncated = next < phase / 2;
        timeout.CancelAfter(next);
    }

    private LlmException Classify(Exception exception, CancellationTokenSource timeout)
    {
        if (cancellation.IsRequested)
        {
            return Cancelled();
        }

        if (!timeout.IsCancellationRequested)
        {
            return LlmFailures.Of(exception).Without(instance.Settings.ApiKey);
        }

        LlmFailure failure = _requestedAt is null ? LlmFailure.Busy
            : _truncated || (_receivedUpdate && call.Left <= TimeSpan.Zero) ? LlmFailure.TotalTimeout
            : FirstToken is null ? LlmFailure.FirstTokenTimeout
            : LlmFailure.BetweenTokensTimeout;
        return new LlmException(failure, "the deadline passed", exception);
    }

    private static LlmException Cancelled() => new(LlmFailure.Cancelled, "interrupted");
}
