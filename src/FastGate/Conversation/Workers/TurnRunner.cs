using FastGate.Llm.Calls;
using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Workers;

/// <summary>Runs one turn: composes the messages, streams the reply into the sink, and remembers the exchange.</summary>
internal sealed class TurnRunner(LlmCalls calls)
{
    /// <summary>Remembers the exchange before it returns, so before the sink is completed.</summary>
    public async Task<TurnOutcome> RunAsync(Dialogue dialogue, Turn turn)
    {
        var reply = new ReplyBuilder(turn);
        TurnOutcome outcome = await StreamAsync(dialogue, turn, reply);
        if (outcome == TurnOutcome.Completed)
        {
            dialogue.Remember(turn, reply.Whole, whole: true);
        }
        else if (outcome == TurnOutcome.Cancelled || reply.Heard.Length > 0)
        {
            // Keep the user's words even if the reply was interrupted before any of it was heard.
            dialogue.Remember(turn, reply.Heard, whole: false);
        }
        else
        {
            reply.Say(dialogue.TextsFor(turn).SystemErrorResponse);
        }

        return outcome;
    }

    private async Task<TurnOutcome> StreamAsync(Dialogue dialogue, Turn turn, ReplyBuilder reply)
    {
        if (turn.IsCancelled)
        {
            return TurnOutcome.Cancelled;
        }

        IReadOnlyList<ChatMessage> messages = await dialogue.ComposeAsync(turn);
        if (turn.IsCancelled)
        {
            return TurnOutcome.Cancelled;
        }

        LlmCallResult result = await calls.StreamAsync(turn.Purpose, new LlmPrompt(messages, dialogue.SessionId), reply, turn.Cancellation);
        return turn.IsCancelled ? TurnOutcome.Cancelled : result.Succeeded ? TurnOutcome.Completed : TurnOutcome.Failed;
    }
}
