using FastGate.Configuration.Options;
using FastGate.Conversation.Tools;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation.Workers;

/// <summary>Runs one turn: composes the messages, streams the reply into the sink, runs the tools it calls, and remembers the exchange.</summary>
internal sealed class TurnRunner(LlmCalls calls, ConversationMetrics metrics, ILogger logger, TimeProvider time)
{
    private readonly ToolRunner _tools = new(metrics, logger, time);

    /// <summary>Remembers the exchange before it returns, so before the sink is completed.</summary>
    public async Task<TurnOutcome> RunAsync(Dialogue dialogue, Turn turn)
    {
        var reply = new ReplyBuilder(turn);
        TurnOutcome outcome = await StreamAsync(dialogue, turn, reply);
        if (turn.Early is { } early && !await early.IsReleasedAsync(time))
        {
            // The early turn was dropped: nothing was said, and nothing is remembered.
            return TurnOutcome.Cancelled;
        }

        if (outcome == TurnOutcome.Completed)
        {
            dialogue.Remember(turn, reply.Whole, whole: true);
            return outcome;
        }

        if (outcome == TurnOutcome.Cancelled || reply.Heard.Length > 0)
        {
            // Keep the user's words even if the reply was interrupted before any of it was heard.
            dialogue.Remember(turn, reply.Heard, whole: false);
        }

        if (outcome == TurnOutcome.Failed && !reply.HasSpoken)
        {
            reply.Say(dialogue.TextsFor(turn).SystemErrorResponse);
        }

        return outcome;
    }

    /// <summary>
    /// One call, and one more after each round of tools. The last one has no tools, so that the device hears an answer.
    /// </summary>
    private async Task<TurnOutcome> StreamAsync(Dialogue dialogue, Turn turn, ReplyBuilder reply)
    {
        if (turn.IsCancelled)
        {
            return TurnOutcome.Cancelled;
        }

        ToolOptions? options = turn.Kind == TurnKind.Utterance && dialogue.ToolOptions?.Invoke() is { Enabled: true } enabled ? enabled : null;
        ToolSet? tools = null;
        ToolExchange? exchange = null;
        for (int round = 0; ; round++)
        {
            // Composed again for each round: a tool may have erased the history.
            IReadOnlyList<ChatMessage> messages = await dialogue.ComposeAsync(turn);
            if (turn.IsCancelled)
            {
                return TurnOutcome.Cancelled;
            }

            var prompt = new LlmPrompt(
                exchange is null ? messages : [.. messages, .. exchange.Messages],
                dialogue.SessionId,
                round < options?.Rounds ? () => (tools ??= Gather(dialogue, turn)).Tools : null);
            LlmCallResult result = await calls.StreamAsync(turn.Purpose, prompt, reply, turn.Cancellation);
            if (turn.IsCancelled || !result.Succeeded)
            {
                return turn.IsCancelled ? TurnOutcome.Cancelled : TurnOutcome.Failed;
            }

            if (reply.Calls.Count == 0)
            {
                return TurnOutcome.Completed;
            }

            if (turn.Early is { } early && !await early.IsReleasedAsync(time))
            {
                // A tool has effects, so it is not run for words that were not said.
                return TurnOutcome.Cancelled;
            }

            exchange ??= new ToolExchange();
            await _tools.RunAsync(tools!, exchange, reply.RoundText, reply.Calls, options!.Timeout, turn.Cancellation);
            if (turn.IsCancelled)
            {
                return TurnOutcome.Cancelled;
            }

            reply.BeginRound();
        }
    }

    private ToolSet Gather(Dialogue dialogue, Turn turn) => new(
    [
        (ToolOrigin.Device, dialogue.DeviceTools),
        (ToolOrigin.Server, new ServerTools(time, dialogue.ForgetAsync, turn.Sink.EndSession)),
        (ToolOrigin.Operator, dialogue.OperatorTools),
    ]);
}
