using FastGate.Diagnostics;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Llm.Calls;

/// <summary>
/// Asks a provider whose breaker is open, now and then, for one token, and closes the breaker when it comes. One probe for each open
/// breaker; it ends when the breaker is closed or nothing leads there any more.
/// </summary>
internal sealed class LlmProbe(LlmCatalog catalog, ILogger logger, TimeProvider time)
{
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "ping")];

    public void Start(LlmEndpoint endpoint, string alias) => _ = RunAsync(endpoint, alias);

    private async Task RunAsync(LlmEndpoint endpoint, string alias)
    {
        TimeSpan wait = FirstWait;
        while (true)
        {
            await Task.Delay(wait, time);

            // Not the instance that failed: its configuration may have been replaced by one that leads to the same place.
            if (catalog.LeaseOf(endpoint) is not { } instance)
            {
                endpoint.Breaker.Close();
                return;
            }

            try
            {
                if (await AnswersAsync(instance))
                {
                    endpoint.Breaker.Close();
                    logger.BreakerClosed(alias);
                    return;
                }
            }
            finally
            {
                instance.Release();
            }

            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private async Task<bool> AnswersAsync(LlmInstance instance)
    {
        using var deadline = new CancellationTokenSource(instance.Settings.Timeouts.FirstToken, time);
        try
        {
            await foreach (ChatResponseUpdate _ in instance.Client.GetStreamingResponseAsync(s_question, null, deadline.Token))
            {
                // One token is the answer; leaving the loop closes the connection before the rest is generated.
                return true;
            }

            return false;
        }
        catch (Exception exception)
        {
            // What refuses this question would not have opened the breaker: the provider is there.
            return !deadline.IsCancellationRequested && !LlmFailures.CountsAgainstBreaker(LlmFailures.Of(exception));
        }
    }
}
