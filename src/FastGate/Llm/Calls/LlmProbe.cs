using FastGate.Diagnostics;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Llm.Calls;

/// <summary>
/// Tests a provider whose breaker is open: asks for one token at growing intervals and closes the breaker when it arrives. One probe per open
/// breaker; it ends when the breaker is closed or the configuration no longer uses the endpoint.
/// </summary>
internal sealed class LlmProbe(LlmCatalog catalog, ILogger logger, TimeProvider time)
{
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private const int ThinkingUpdates = 3;

    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "ping")];

    public void Start(LlmEndpoint endpoint, string alias) => _ = RunAsync(endpoint, alias);

    private async Task RunAsync(LlmEndpoint endpoint, string alias)
    {
        TimeSpan wait = FirstWait;
        while (true)
        {
            await Task.Delay(wait, time);

            // A reload may have replaced the instance that failed by another one of the same endpoint.
            if (catalog.AcquireFor(endpoint) is not { } instance)
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
            int updates = 0;
            await foreach (ChatResponseUpdate update in instance.Client.GetStreamingResponseAsync(s_question, null, deadline.Token))
            {
                // One token is enough; leaving the loop closes the connection, so the provider stops generating. An update without words may be
                // followed by an error; several of them are a model that thinks.
                if (update.Text.Length > 0 || update.FinishReason is not null || ++updates == ThinkingUpdates)
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception exception)
        {
            // A failure that would not have opened the breaker shows that the provider answers.
            return !deadline.IsCancellationRequested && !LlmFailures.CountsAgainstBreaker(LlmFailures.Of(exception));
        }
    }
}
