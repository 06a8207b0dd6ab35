using FastGate.Diagnostics;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Llm.Calls;

/// <summary>
/// One call, with all that may go wrong: an attempt; where the provider named a time that fits, one more with the same provider; then one
/// with the default provider. Nothing is tried again once something was spoken.
/// </summary>
internal sealed class LlmCalls(LlmCatalog catalog, ConversationMetrics metrics, ILogger<LlmCalls> logger, TimeProvider time)
{
    private readonly LlmProbe _probe = new(catalog, logger, time);
    private LlmConfiguration? _listed;

    public LlmCatalog Catalog => catalog;

    /// <summary>Never throws for a provider's failure; the receiver gets the reply as it comes.</summary>
    public Task<LlmCallResult> StreamAsync(
        string? purpose, IReadOnlyList<ChatMessage> messages, ILlmReceiver receiver, LlmCancellation cancellation) =>
        CallAsync(purpose, messages, receiver, cancellation, background: false);

    private async Task<LlmCallResult> CallAsync(
        string? purpose, IReadOnlyList<ChatMessage> messages, ILlmReceiver receiver, LlmCancellation cancellation, bool background)
    {
        ListPurposes();
        using ResolvedLlm llm = catalog.Resolve(purpose);
        LlmTimeouts timeouts = (llm.Instance?.Settings ?? catalog.Configuration.DefaultSettings).Timeouts;
        var call = new LlmCallBudget(timeouts, background, time);

        LlmException? failure = await AttemptAsync(llm, call, messages, receiver, cancellation);
        if (MayTryAgain(failure, receiver, cancellation) && failure is { RetryAfter: { } wait } && call.Elapsed + wait <= call.FirstToken(timeouts))
        {
            logger.Retrying(llm.Alias, llm.Purpose, wait);
            if (await WaitAsync(wait, cancellation))
            {
                receiver.Restart();
                failure = await AttemptAsync(llm, call, messages, receiver, cancellation);
            }
        }

        if (!MayTryAgain(failure, receiver, cancellation) || call.Left <= TimeSpan.Zero)
        {
            return Result(failure, llm, receiver, cancellation);
        }

        using ResolvedLlm fallback = catalog.ResolveDefault(llm.Purpose);
        if (fallback.Instance is null || ReferenceEquals(fallback.Instance, llm.Instance) || !catalog.Configuration.DefaultIsChosen)
        {
            return Result(failure, llm, receiver, cancellation);
        }

        logger.FallingBack(llm.Alias, llm.Purpose, fallback.Alias, failure!.Failure);
        metrics.FellBack(llm.Alias, llm.Purpose);
        receiver.Restart();
        failure = await AttemptAsync(fallback, call, messages, receiver, cancellation);
        return Result(failure, fallback, receiver, cancellation);
    }

    /// <summary>
    /// One question, one answer, for what the gateway itself wants to know: in the background, behind those who talk. Null when there is none: on failure, when cancelled, and from the
    /// embedded echo, whose answer would be the question.
    /// </summary>
    public async Task<string?> CompleteAsync(string purpose, string systemPrompt, string userText, CancellationToken cancellationToken)
    {
        var answer = new CollectingReceiver();
        var cancellation = new LlmCancellation();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((LlmCancellation)state!).Fire(), cancellation);
        LlmCallResult result = await CallAsync(
            purpose, [new ChatMessage(ChatRole.System, systemPrompt), new ChatMessage(ChatRole.User, userText)], answer, cancellation, background: true);
        return result is { Succeeded: true, IsEcho: false } ? answer.ToString() : null;
    }

    /// <summary>Null when it went well.</summary>
    private async Task<LlmException?> AttemptAsync(
        ResolvedLlm llm, LlmCallBudget call, IReadOnlyList<ChatMessage> messages, ILlmReceiver receiver, LlmCancellation cancellation)
    {
        if (llm.Instance is not { } instance)
        {
            return new LlmException(LlmFailure.NotMade, llm.Why);
        }

        CircuitBreaker breaker = instance.Endpoint.Breaker;
        if (breaker.IsOpen)
        {
            metrics.CallEnded(llm.Alias, llm.Purpose, LlmFailure.BreakerOpen);
            return LlmAttempt.BreakerOpen();
        }

        var attempt = new LlmAttempt(instance, call, messages, receiver, cancellation, time);
        LlmException? failure = await attempt.RunAsync();
        metrics.CallEnded(llm.Alias, llm.Purpose, failure?.Failure ?? LlmFailure.None);
        metrics.Tokens(llm.Alias, llm.Purpose, attempt.TokensIn, attempt.TokensOut, attempt.TokensAfterCancel);
        if (attempt.FirstToken is { } first)
        {
            metrics.FirstToken(llm.Alias, llm.Purpose, first);
        }

        if (failure is null)
        {
            breaker.Succeeded();
        }
        else if (failure.Failure is not (LlmFailure.Cancelled or LlmFailure.BreakerOpen))
        {
            logger.CallFailed(llm.Alias, llm.Purpose, failure.Failure, failure.Message);
            if (LlmFailures.CountsAgainstBreaker(failure, call.IsBackground) && breaker.Failed())
            {
                logger.BreakerOpened(llm.Alias, failure.Failure);
                metrics.BreakerOpened(llm.Alias);
                _probe.Start(instance.Endpoint, llm.Alias);
            }
        }

        return failure;
    }

    private async Task<bool> WaitAsync(TimeSpan wait, LlmCancellation cancellation)
    {
        using var waiting = new CancellationTokenSource();
        cancellation.Attach(waiting);
        try
        {
            await Task.Delay(wait, time, waiting.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            cancellation.Detach();
        }
    }

    /// <summary>Only purposes the configuration knows become metric tags; racing callers list the same.</summary>
    private void ListPurposes()
    {
        LlmConfiguration configuration = catalog.Configuration;
        if (!ReferenceEquals(Interlocked.Exchange(ref _listed, configuration), configuration))
        {
            metrics.ListPurposes(LlmConfiguration.KnownPurposes.Concat(configuration.Purposes));
        }
    }

    private static bool MayTryAgain(LlmException? failure, ILlmReceiver receiver, LlmCancellation cancellation) =>
        failure is not null and not { Failure: LlmFailure.Cancelled or LlmFailure.TotalTimeout }
        && !receiver.HasSpoken && !cancellation.IsRequested;

    private static LlmCallResult Result(LlmException? failure, ResolvedLlm llm, ILlmReceiver receiver, LlmCancellation cancellation)
    {
        if (cancellation.IsRequested)
        {
            return new LlmCallResult(LlmFailure.Cancelled, llm.Alias, IsEcho: false);
        }

        if (failure is null)
        {
            receiver.End();
        }

        return new LlmCallResult(failure?.Failure ?? LlmFailure.None, llm.Alias, llm.Instance?.Settings.Type == LlmProviderTypes.Echo);
    }
}
