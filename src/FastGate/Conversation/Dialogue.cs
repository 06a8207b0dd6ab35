using System.Globalization;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Conversation.Tools;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation;

/// <summary>
/// The conversation with one device over one connection: its history and the mailbox of its turns. Any thread may fill the mailbox; everything
/// else belongs to the worker that runs the dialogue.
/// </summary>
internal sealed class Dialogue(
    string deviceId, string sessionId, IDialogueMemory memory, Func<ConversationTexts> texts, TimeProvider time, ILogger logger, DialogueLimits? limits = null)
{
    /// <summary>Marks a reply that the user did not hear to its end, for the model and for readers of the history.</summary>
    public const string InterruptedMark = "……（被打断）";

    private const string GoodbyeWords = "再见";
    private const long NotLoaded = long.MaxValue;
    private const long Loaded = long.MinValue;

    private readonly DialogueLimits _limits = limits ?? new DialogueLimits();
    private readonly List<Exchange> _history = [];
    private long _erasures = memory.Erasures;
    private Task<DialogueHistory>? _loading;

    // A timestamp: the last load is the first one of a turn that begins after it. Of the two other values one is before the first load, one after the last.
    private long _loadUntil = NotLoaded;
    private string? _summary;

    // Set by the connection's loop, read by the worker at the start of a turn.
    private volatile IToolSource? _deviceTools;

    public string DeviceId { get; } = deviceId;

    public string SessionId { get; } = sessionId;

    /// <summary>The limits of tool calls, read for each turn; null where the model gets no tools.</summary>
    public Func<ToolOptions>? ToolOptions { get; init; }

    /// <summary>The tools of the operator's servers, shared by all dialogues.</summary>
    public IToolSource? OperatorTools { get; init; }

    /// <summary>The tools of the device. The connection's loop sets it; a turn that has begun keeps its own.</summary>
    public IToolSource? DeviceTools
    {
        get => _deviceTools;
        set => _deviceTools = value;
    }

    internal DialogueMailbox Mailbox { get; } = new();

    internal int MaxWaiting => _limits.Waiting;

    /// <summary>Any thread.</summary>
    internal long Erasures => memory.Erasures;

    internal ConversationTexts TextsFor(Turn turn) => texts().For(turn);

    /// <summary>The messages for the LLM: instructions, history unless it was erased, the user's words.</summary>
    public async Task<IReadOnlyList<ChatMessage>> ComposeAsync(Turn turn)
    {
        ForgetIfErased();
        await LoadAsync();

        // The device may have been erased during the load.
        ForgetIfErased();
        var messages = new List<ChatMessage> { new(ChatRole.System, SystemPrompt(TextsFor(turn), turn.Kind)) };
        foreach (Exchange past in _history)
        {
            messages.Add(new ChatMessage(ChatRole.User, past.User));
            messages.Add(new ChatMessage(ChatRole.Assistant, past.Assistant));
        }

        messages.Add(new ChatMessage(ChatRole.User, Words(turn)));
        return messages;
    }

    /// <summary>
    /// Adds a turn to the history and to memory, unless the device was erased since the turn began. Of an interrupted reply only the part that
    /// was heard is kept, with a mark.
    /// </summary>
    public void Remember(Turn turn, string reply, bool whole)
    {
        // In milliseconds, as stores keep it: LoadAsync compares loaded exchanges with those of this dialogue.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        reply = reply.Replace("\0", "", StringComparison.Ordinal);
        var exchange = new Exchange(at, Words(turn), whole ? reply : reply + InterruptedMark);
        if (memory.Remember(DeviceId, SessionId, exchange, turn.Erasures))
        {
            _history.Add(exchange);
            TrimHistory();
        }
    }

    /// <summary>Erases what is remembered of the device, with the turns that began before, this one included. False when the store failed.</summary>
    public Task<bool> ForgetAsync(CancellationToken cancellationToken) => memory.ForgetAsync(DeviceId, cancellationToken);

    /// <summary>
    /// What was said, for another process, where no memory keeps it. The connection's loop; none while a worker still has the dialogue, because the
    /// history is the worker's until it has released the mailbox.
    /// </summary>
    public IReadOnlyList<(string User, string Assistant)> Save() =>
        Mailbox.IsScheduled ? [] : [.. _history.Select(static past => (past.User, past.Assistant))];

    /// <summary>Continues a dialogue of another process. Before the first turn.</summary>
    public void Restore(IEnumerable<(string User, string Assistant)> turns)
    {
        DateTimeOffset now = time.GetUtcNow();
        _history.AddRange(turns.Select(turn => new Exchange(now, turn.User, turn.Assistant)));
        TrimHistory();
    }

    /// <summary>The device has left and all of its turns have ended.</summary>
    public void Leave() => memory.Leave(DeviceId);

    private static string Words(Turn turn) =>
        turn.Kind == TurnKind.Goodbye && string.IsNullOrWhiteSpace(turn.Utterance) ? GoodbyeWords : turn.Utterance;

    private string SystemPrompt(ConversationTexts current, TurnKind kind)
    {
        DateTimeOffset now = time.GetLocalNow();
        var prompt = new StringBuilder(current.Prompt);
        prompt.Append(CultureInfo.InvariantCulture, $"\n\n{current.Words.Now}{now:yyyy-MM-dd HH:mm} {current.Words.Weekdays[(int)now.DayOfWeek]}");
        prompt.Append('\n').Append(current.Words.Device).Append(DeviceId);
        if (!string.IsNullOrWhiteSpace(_summary))
        {
            prompt.Append('\n').Append(current.Words.Remembered).Append('\n').Append(_summary);
        }

        if (kind == TurnKind.Goodbye)
        {
            prompt.Append("\n\n").Append(current.EndPrompt);
        }

        return prompt.ToString();
    }

    /// <summary>
    /// Loads the history before the first turn. A slow store delays one turn by at most <see cref="DialogueLimits.MemoryWait"/>; a later turn
    /// takes its late answer. An incomplete answer is loaded again at the next turn, and one that may grow until it no longer does.
    /// </summary>
    private async ValueTask LoadAsync()
    {
        if (_loadUntil == Loaded)
        {
            return;
        }

        long now = time.GetTimestamp();
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
            DialogueHistory loaded = await _loading;
            if (loaded.IsWhole)
            {
                _loadUntil = !loaded.MayGrow || _loadUntil < now ? Loaded
                    : Math.Min(_loadUntil, now + (long)(_limits.MoveWindow.TotalSeconds * time.TimestampFrequency));
            }

            _summary = loaded.Summary ?? _summary;
            Merge(loaded.Turns);
            TrimHistory();
        }

        _loading = null;
    }

    /// <summary>A late answer may contain exchanges of this dialogue, and later ones than an earlier answer.</summary>
    private void Merge(IReadOnlyList<Exchange> loaded)
    {
        int known = _history.Count;
        _history.InsertRange(0, loaded.Where(exchange => !_history.Contains(exchange)));
        if (known > 0 && _history.Count > known)
        {
            Exchange[] inOrder = [.. _history.OrderBy(static exchange => exchange.At)];
            _history.Clear();
            _history.AddRange(inOrder);
        }
    }

    private void ForgetIfErased()
    {
        long now = memory.Erasures;
        if (memory.ErasedSince(DeviceId, _erasures))
        {
            _history.Clear();
            _summary = null;
            _loading = null;
            _loadUntil = NotLoaded;
        }

        _erasures = now;
    }

    private void TrimHistory()
    {
        int tokens = 0;
        int kept = 0;
        for (int i = _history.Count - 1; i >= 0 && kept < _limits.Turns; i--)
        {
            tokens += TokenEstimate.Of(_history[i].User) + TokenEstimate.Of(_history[i].Assistant);
            if (tokens > _limits.Tokens)
            {
                break;
            }

            kept++;
        }

        _history.RemoveRange(0, _history.Count - kept);
    }
}
