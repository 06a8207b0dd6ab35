using Microsoft.Extensions.AI;

namespace FastGate.Conversation;

/// <summary>
/// One request to one provider. One token source with one timer carries every deadline: it is re-armed at the first token and at
/// each one after it, never beyond what is left of the call.
/// </summary>
internal sealed class LlmAttempt(
    LlmInstance instance, LlmCallBudget call, IReadOnlyList<ChatMessage> messages, ILlmReceiver receiver, LlmCancellation cancellation, TimeProvider time)
{
    private long _started;
    private int _estimatedOut;

    public TimeSpan? FirstToken { get; private set; }

    public long TokensIn { get; private set; }

    public long TokensOut { get; private set; }

    /// <summary>Tokens that still arrived after the interruption: what was billed for nothing.</summary>
    public long TokensAfterCancel { get; private set; }

    /// <summary>Null when the reply is whole.</summary>
    public async Task<LlmException?> RunAsync()
    {
        // Never disposed before the attempt is over on every path; a timer still armed then is let go by Dispose.
        using var deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        cancellation.Attach(deadline);
        _started = time.GetTimestamp();
        var entered = false;
        try
        {
            Arm(deadline, instance.Settings.Timeouts.FirstToken);
            entered = instance.Endpoint.Slots.Wait(0, CancellationToken.None);
            if (!entered)
            {
                await instance.Endpoint.Slots.WaitAsync(deadline.Token);
                entered = true;
            }

            await ReadAsync(deadline);
            return cancellation.IsRequested ? Cancelled() : receiver.HasText ? null : new LlmException(LlmFailure.Empty, "the reply has no words");
        }
        catch (Exception exception)
        {
            return Sort(exception, deadline, entered);
        }
        finally
        {
            cancellation.Detach();
            if (entered)
            {
                instance.Endpoint.Slots.Release();
            }
        }
    }

    private async Task ReadAsync(CancellationTokenSource deadline)
    {
        TokensIn = messages.Sum(static message => (long)TokenEstimate.Of(message.Text));
        await foreach (var update in instance.Client.GetStreamingResponseAsync(messages, null, deadline.Token))
        {
            var text = update.Text;
            if (cancellation.IsRequested)
            {
                TokensAfterCancel += TokenEstimate.Of(text);
                break;
            }

            FirstToken ??= time.GetElapsedTime(_started);
            Arm(deadline, instance.Settings.Timeouts.BetweenTokens);
            Count(update, text);
            if (text.Length > 0)
            {
                receiver.Text(text);
            }
        }
    }

    private void Count(ChatResponseUpdate update, string text)
    {
        _estimatedOut += TokenEstimate.Of(text);
        TokensOut = Math.Max(TokensOut, _estimatedOut);
        foreach (var content in update.Contents)
        {
            if (content is UsageContent usage)
            {
                TokensIn = usage.Details.InputTokenCount is > 0 and { } tokensIn ? tokensIn : TokensIn;
                TokensOut = usage.Details.OutputTokenCount is > 0 and { } tokensOut ? tokensOut : TokensOut;
            }
        }
    }

    private void Arm(CancellationTokenSource deadline, TimeSpan phase)
    {
        var left = call.Left;
        var next = phase < left ? phase : left;
        deadline.CancelAfter(next > TimeSpan.Zero ? next : TimeSpan.Zero);
    }

    private LlmException Sort(Exception exception, CancellationTokenSource deadline, bool entered)
    {
        if (cancellation.IsRequested)
        {
            return Cancelled();
        }

        if (!deadline.IsCancellationRequested)
        {
            return LlmFailures.Of(exception);
        }

        var failure = call.Left <= TimeSpan.Zero && FirstToken is not null ? LlmFailure.TotalTimeout
            : !entered ? LlmFailure.Busy
            : FirstToken is null ? LlmFailure.FirstTokenTimeout
            : LlmFailure.BetweenTokensTimeout;
        return new LlmException(failure, "the deadline passed", exception);
    }

    private static LlmException Cancelled() => new(LlmFailure.Cancelled, "interrupted");
}
