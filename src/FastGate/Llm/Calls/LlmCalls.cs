using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Llm.Calls;

/// <summary>
/// One call with its retries: an attempt; a second one if the provider sent a Retry-After that fits; then one with
/// each fallback (<see cref="LlmCatalog.ResolveFallback"/>). There is no retry once part of the reply was spoken.
/// </summary>
internal sealed class LlmCalls(LlmCatalog catalog, ConversationMetrics metrics, ILogger<LlmCalls> logger, TimeProvider time)
{
    private readonly LlmProbe _probe = new(catalog, logger, time);
    private LlmConfiguration? _listed;

    /// <summary>Streams the reply to the receiver. Does not throw for a provider's failure.</summary>
    public Task<LlmCallResult> StreamAsync(
        string? purpose, LlmPrompt prompt, ILlmReceiver receiver, LlmCancellation cancellation) =>
        CallAsync(purpose, prompt, receiver, cancellation, background: false);

    private async Task<LlmCallResult> CallAsync(
        string? purpose, LlmPrompt prompt, ILlmReceiver receiver, LlmCancellation cancellation, bool background)
    {
        ListPurposes();
        using LlmLease llm = catalog.Resolve(purpose);
        LlmTimeouts timeouts = (llm.Instance?.Settings ?? catalog.Configuration.DefaultSettings).Timeouts;
        var call = new LlmCallBudget(timeouts, background, time);

        LlmException? failure = await AttemptAsync(llm, call, prompt, receiver, cancellation);
        if (MayRetry(failure, receiver, cancellation) && failure is { RetryAfter: { } wait } && call.Elapsed + wait <= call.FirstToken(timeouts))
        {
            logger.Retrying(llm.Alias, llm.Purpose, wait);
            if (await WaitAsync(wait, cancellation))
            {
                receiver.Restart();
                failure = await AttemptAsync(llm, call, prompt, receiver, cancellation);
            }
        }

        LlmCallResult result = Result(failure, llm, receiver, cancellation);
        List<LlmInstance?> tried = [llm.Instance];
        for (int step = 0; step < LlmCatalog.FallbackSteps && MayRetry(failure, receiver, cancellation) && call.Left > TimeSpan.Zero; step++)
        {
            using LlmLease? fallback = catalog.ResolveFallback(llm.Purpose, step);
            if (fallback is null || tried.Contains(fallback.Instance))
            {
                continue;
            }

            logger.FallingBack(llm.Alias, llm.Purpose, fallback.Alias, failure!.Failure);
            metrics.FellBack(llm.Alias, llm.Purpose);
            receiver.Restart();
            failure = await AttemptAsync(fallback, call, prompt, receiver, cancellation);
            result = Result(failure, fallback, receiver, cancellation);
            tried.Add(fallback.Instance);
        }

        return result;
    }

    /// <summary>
    /// One attempt with the provider of the purpose and no other: a fallback may not take what the prompt contains. With the time limits of a background
    /// call. Does not throw for a provider's failure.
    /// </summary>
    public async Task<LlmCallResult> AskOnceAsync(string purpose, LlmPrompt prompt, ILlmReceiver receiver, LlmCancellation cancellation)
    {
        ListPurposes();
        using LlmLease llm = catalog.Resolve(purpose);
        LlmTimeouts timeouts = (llm.Instance?.Settings ?? catalog.Configuration.DefaultSettings).Timeouts;
        var call = new LlmCallBudget(timeouts, background: true, time);
        return Result(await AttemptAsync(llm, call, prompt, receiver, cancellation), llm, receiver, cancellation);
    }

    /// <summary>
    /// Asks one question in the background, for the gateway itself. Null on failure, when cancelled, and from the built-in echo, which would
    /// repeat the question.
    /// </summary>
    public async Task<string?> CompleteAsync(string purpose, string systemPrompt, string userText, CancellationToken cancellationToken)
    {
        var answer = new CollectingReceiver();
        var cancellation = new LlmCancellation();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((LlmCancellation)state!).Fire(), cancellation);
        LlmCallResult result = await CallAsync(
            purpose, new LlmPrompt([new ChatMessage(ChatRole.System, systemPrompt), new ChatMessage(ChatRole.User, userText)]), answer, cancellation, background: true);
        return result is { Succeeded: true, IsEcho: false } ? answer.ToString() : null;
    }

    /// <summary>Null on success.</summary>
    private async Task<LlmException?> AttemptAsync(
        LlmLease llm, LlmCallBudget call, LlmPrompt prompt, ILlmReceiver receiver, LlmCancellation cancellation)
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

        ActivityContext turn = GatewayTracing.CurrentTurn;
        using Activity? chat = GatewayTracing.StartChat(llm.Alias, instance.Settings.Type, instance.Settings.Model, instance.Settings.BaseUrl);
        var attempt = new LlmAttempt(instance, call, prompt, receiver, cancellation, time);
        LlmException? failure = await attempt.RunAsync();
        if (attempt.LearnedToolRefusal)
        {
            logger.ToolsRefused(llm.Alias, ToolRefusal.Remembered);
        }

        metrics.CallEnded(llm.Alias, llm.Purpose, failure?.Failure ?? LlmFailure.None);
        metrics.Tokens(llm.Alias, llm.Purpose, attempt.TokensIn, attempt.TokensOut, attempt.TokensAfterCancel);
        if (attempt.FirstToken is { } first)
        {
            metrics.FirstToken(llm.Alias, llm.Purpose, first);
            GatewayTracing.Stage(turn, "first_token", llm.Alias, first, attempt.SinceFirstToken);
        }

        GatewayTracing.EndChat(chat, attempt.TokensIn, attempt.TokensOut, attempt.Finish, failure?.Failure.ToString());

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

    /// <summary>Only configured purposes become metric tags. Concurrent callers set the same list.</summary>
    private void ListPurposes()
    {
        LlmConfiguration configuration = catalog.Configuration;
        if (!ReferenceEquals(Interlocked.Exchange(ref _listed, configuration), configuration))
        {
            metrics.ListPurposes(LlmConfiguration.KnownPurposes.Concat(configuration.Purposes));
        }
    }

    private static bool MayRetry(LlmException? failure, ILlmReceiver receiver, LlmCancellation cancellation) =>
        failure is not null and not { Failure: LlmFailure.Cancelled or LlmFailure.TotalTimeout }
        && !receiver.HasSpoken && !cancellation.IsRequested;

    private static LlmCallResult Result(LlmException? failure, LlmLease llm, ILlmReceiver receiver, LlmCancellation cancellation)
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
