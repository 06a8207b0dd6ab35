using System.Globalization;
using System.Text;
using FastGate.Conversation.Speech;
using FastGate.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation;

/// <summary>
/// The conversation of one device over one connection: its history, and the mailbox its turns wait in. The mailbox may be filled from any
/// thread; everything else belongs to the one worker that has the dialogue at a time.
/// </summary>
internal sealed class Dialogue(
    string deviceId, string sessionId, IDialogueMemory memory, Func<ConversationTexts> texts, TimeProvider time, ILogger logger, DialogueLimits? limits = null)
{
    private static readonly string[] s_weekdays = ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"];

    private readonly DialogueLimits _limits = limits ?? new DialogueLimits();
    private readonly List<Exchange> _turns = [];
    private long _erasures = memory.Erasures;
    private Task<DialogueHistory>? _loading;
    private bool _loaded;
    private string? _summary;

    public string DeviceId { get; } = deviceId;

    public string SessionId { get; } = sessionId;

    internal DialogueMailbox Mailbox { get; } = new();

    internal int MaxWaiting => _limits.Waiting;

    internal ConversationTexts Texts => texts();

    /// <summary>Any thread.</summary>
    internal long Erasures => memory.Erasures;

    /// <summary>What is sent to the LLM for a turn: instructions, history, the user's words.</summary>
    public async Task<IReadOnlyList<ChatMessage>> ComposeAsync(Turn turn)
    {
        ForgetIfErased();
        await LoadAsync();

        // Memory may have been erased while it was waited for.
        ForgetIfErased();
        ConversationTexts current = texts();
        var messages = new List<ChatMessage> { new(ChatRole.System, SystemPrompt(current, turn.Kind)) };
        foreach (Exchange past in _turns)
        {
            messages.Add(new ChatMessage(ChatRole.User, past.User));
            messages.Add(new ChatMessage(ChatRole.Assistant, past.Assistant));
        }

        messages.Add(new ChatMessage(ChatRole.User, Words(turn)));
        return messages;
    }

    /// <summary>
    /// Adds a turn to the history and hands it to memory. An interrupted reply is kept as far as it was heard, and marked. A turn that began
    /// before memory was erased goes with what was erased.
    /// </summary>
    public void Remember(Turn turn, string reply, bool whole)
    {
        // As precise as a store gives it back: a turn that is loaded later must be known for the same.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        reply = reply.Replace("\0", "", StringComparison.Ordinal);
        var kept = new Exchange(at, Words(turn), whole ? reply : reply + InterruptedMark);
        if (memory.Remember(DeviceId, SessionId, kept, turn.Erasures))
        {
            _turns.Add(kept);
            Bound();
        }
    }

    /// <summary>The device has gone and all its turns are behind us.</summary>
    public void Leave() => memory.Leave(DeviceId);

    /// <summary>Tells the model, and people, that the user has not heard the rest.</summary>
    public const string InterruptedMark = "……（被打断）";

    private const string GoodbyeWords = "再见";

    private static string Words(Turn turn) =>
        turn.Kind == TurnKind.Goodbye && string.IsNullOrWhiteSpace(turn.Utterance) ? GoodbyeWords : turn.Utterance;

    private string SystemPrompt(ConversationTexts current, TurnKind kind)
    {
        DateTimeOffset now = time.GetLocalNow();
        var prompt = new StringBuilder(current.Prompt);
        prompt.Append(CultureInfo.InvariantCulture, $"\n\n当前时间：{now:yyyy-MM-dd HH:mm} {s_weekdays[(int)now.DayOfWeek]}");
        prompt.Append(CultureInfo.InvariantCulture, $"\n设备：{DeviceId}");
        if (!string.IsNullOrWhiteSpace(_summary))
        {
            prompt.Append("\n你记得的关于用户的事：\n").Append(_summary);
        }

        if (kind == TurnKind.Goodbye)
        {
            prompt.Append("\n\n").Append(current.EndPrompt);
        }

        return prompt.ToString();
    }

    /// <summary>
    /// Memory is asked before the first turn and waited for once: a slow store delays one turn by a bounded time, and what it answers later
    /// is taken up by a later turn. Where it did not know everything it is asked again at the next turn, until it does.
    /// </summary>
    private async ValueTask LoadAsync()
    {
        if (_loaded)
        {
            return;
        }

        if (_loading is null)
        {
            _loading = memory.LoadAsync(DeviceId, CancellationToken.None).AsTask();
            try
            {
                await _loading.WaitAsync(_limits.MemoryWait, time);
            }
            catch (TimeoutException)
            {
                logger.MemorySlow(_limits.MemoryWait);
            }
            catch (Exception exception)
            {
                logger.TurnFaulted(exception);
            }
        }

        if (!_loading.IsCompleted)
        {
            return;
        }

        if (_loading.IsCompletedSuccessfully)
        {
            DialogueHistory history = await _loading;
            _loaded = history.IsWhole;
            _summary = history.Summary ?? _summary;
            // A late answer may hold turns of this very session.
            _turns.InsertRange(0, history.Turns.Where(turn => !_turns.Contains(turn)));
            Bound();
        }

        _loading = null;
    }

    private void ForgetIfErased()
    {
        long now = memory.Erasures;
        if (memory.ErasedSince(DeviceId, _erasures))
        {
            _turns.Clear();
            _summary = null;
            _loading = null;
            _loaded = false;
        }

        _erasures = now;
    }

    private void Bound()
    {
        int tokens = 0;
        int kept = 0;
        for (int i = _turns.Count - 1; i >= 0 && kept < _limits.Turns; i--)
        {
            tokens += TokenEstimate.Of(_turns[i].User) + TokenEstimate.Of(_turns[i].Assistant);
            if (tokens > _limits.Tokens)
            {
                break;
            }

            kept++;
        }

        _turns.RemoveRange(0, _turns.Count - kept);
    }
}
