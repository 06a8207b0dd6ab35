namespace FastGate.Llm.Providers;

/// <summary>
/// Conversation ids that a provider has given, by our session. Bounded: above <see cref="Capacity"/> the oldest session is forgotten, and its next
/// question begins a new conversation there. Any thread.
/// </summary>
internal sealed class ConversationIds
{
    public const int Capacity = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public string? Find(string? session)
    {
        lock (_gate)
        {
            return session is null ? null : _ids.GetValueOrDefault(session);
        }
    }

    public void Set(string? session, string? id)
    {
        if (session is null || id is not { Length: > 0 })
        {
            return;
        }

        lock (_gate)
        {
            if (_ids.TryAdd(session, id))
            {
                _order.Enqueue(session);
                if (_order.Count > Capacity)
                {
                    _ids.Remove(_order.Dequeue());
                }
            }
            else
            {
                _ids[session] = id;
            }
        }
    }
}
