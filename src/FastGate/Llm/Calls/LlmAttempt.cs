using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Calls;

/// <summary>
/// One request to one provider. One token source with one timer carries every deadline: it is armed for the wait for a slot, anew when the
/// provider is asked, and at each token, never beyond what is left of the call.
/// </summary>
internal sealed class LlmAttempt(
    LlmInstance instance, LlmCallBudget call, IReadOnlyList<ChatMessage> messages, ILlmReceiver receiver, LlmCancellation cancellation, TimeProvider time)
{
    /// <summary>Updates taken after an interruption: what a client has in its buffers, not what one that minds no token goes on to say.</summary>
    private const int MostLate = 256;

    private readonly LlmEndpoint _endpoint = instance.Endpoint;

    // When the provider was asked; null while its slots are waited for.
    private long? _asked;

    // The deadline in force is nearer than the provider is entitled to, because what came before has used up the call's time.
    private bool _cutShort;

    // Something came, words or not.
    private bool _answered;
    private int _estimatedOut;

    /// <summary>From the question to the first words; what a provider sends to say that it has the question is none.</summary>
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
        LlmSlots? slots = LlmSlots.TryEnter(_endpoint.Server, call.IsBackground);
        try
        {
            if (slots is null)
            {
                Arm(deadline, call.Slot(instance.Settings.Timeouts));
                slots = await LlmSlots.EnterAsync(_endpoint.Server, call.IsBackground, deadline.Token);
                if (_endpoint.Breaker.IsOpen)
                {
                    // It opened while we waited.
                    return BreakerOpen();
                }
            }

            _asked = time.GetTimestamp();
            Arm(deadline, call.FirstToken(instance.Settings.Timeouts));
            await ReadAsync(deadline, _asked.Value);
            return cancellation.IsRequested ? Cancelled() : receiver.HasText ? null : new LlmException(LlmFailure.Empty, "the reply has no words");
        }
        catch (Exception exception)
        {
            return Sort(exception, deadline);
        }
        finally
        {
            cancellation.Detach();
            slots?.Leave(_endpoint.Server);
        }
    }

    public static LlmException BreakerOpen() => new(LlmFailure.BreakerOpen, "the breaker is open");

    private async Task ReadAsync(CancellationTokenSource deadline, long asked)
    {
        int late = 0;
        TokensIn = messages.Sum(static message => (long)TokenEstimate.Of(message.Text));
        await foreach (ChatResponseUpdate update in instance.Client.GetStreamingResponseAsync(messages, null, deadline.Token))
        {
            string text = update.Text;
            if (cancellation.IsRequested || receiver.IsCancelled)
            {
                // The device may have gone without a word to the workers. What had come before the interruption reaches us still comes out of the
                // client's buffers and is counted; a client that minds its token asks for nothing more.
                cancellation.Request();
                deadline.Cancel();
                CountAfterCancel(update, text);
                if (++late < MostLate)
                {
                    continue;
                }

                break;
            }

            _answered = true;
            if (text.Length > 0)
            {
                FirstToken ??= time.GetElapsedTime(asked);
            }

            Arm(deadline, NextWait(asked));
            Count(update, text);
            if (text.Length > 0)
            {
                receiver.Text(text);
            }
        }
    }

    /// <summary>A beginning without words, as some providers send at once, takes nothing away from the first token's time.</summary>
    private TimeSpan NextWait(long asked)
    {
        TimeSpan between = instance.Settings.Timeouts.BetweenTokens;
        TimeSpan leftForFirst = FirstToken is null ? call.FirstToken(instance.Settings.Timeouts) - time.GetElapsedTime(asked) : TimeSpan.Zero;
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
            // What the provider bills, less what was of use.
            TokensAfterCancel = Math.Max(TokensAfterCancel, (usage.Details.OutputTokenCount ?? 0) - TokensOut);
        }
    }

    private void Arm(CancellationTokenSource deadline, TimeSpan phase)
    {
        TimeSpan left = call.Left;
        TimeSpan next = phase < left ? phase : left > TimeSpan.Zero ? left : TimeSpan.Zero;

        // Half is enough to be judged by: a total that is no longer than the phase itself leaves a little less than the phase every time.
        _cutShort = next < phase / 2;
        deadline.CancelAfter(next);
    }

    private LlmException Sort(Exception exception, CancellationTokenSource deadline)
    {
        if (cancellation.IsRequested)
        {
            return Cancelled();
        }

        if (!deadline.IsCancellationRequested)
        {
            return LlmFailures.Of(exception);
        }

        LlmFailure failure = _asked is null ? LlmFailure.Busy
            : _cutShort || (_answered && call.Left <= TimeSpan.Zero) ? LlmFailure.TotalTimeout
            : FirstToken is null ? LlmFailure.FirstTokenTimeout
            : LlmFailure.BetweenTokensTimeout;
        return new LlmException(failure, "the deadline passed", exception);
    }

    private static LlmException Cancelled() => new(LlmFailure.Cancelled, "interrupted");
}
