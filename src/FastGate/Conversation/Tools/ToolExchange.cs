using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Tools;

/// <summary>The calls and results of one turn, in the order in which providers want them. They are not remembered after the turn.</summary>
internal sealed class ToolExchange
{
    private readonly List<ChatMessage> _messages = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Time that tools have taken in this turn.</summary>
    public TimeSpan Spent { get; set; }

    public IReadOnlyList<ChatMessage> Messages => _messages;

    /// <summary>Adds what the model said. Returns the calls with ids that are unique in the turn: some servers begin again with each reply.</summary>
    public IReadOnlyList<FunctionCallContent> AddCalls(string text, IReadOnlyList<FunctionCallContent> calls)
    {
        FunctionCallContent[] unique = [.. calls.Select(Unique)];
        List<AIContent> contents = text.Length > 0 ? [new TextContent(text)] : [];
        contents.AddRange(unique);
        _messages.Add(new ChatMessage(ChatRole.Assistant, contents));
        return unique;
    }

    public void AddResults(ChatMessage results) => _messages.Add(results);

    private FunctionCallContent Unique(FunctionCallContent call)
    {
        string id = call.CallId;
        while (!_ids.Add(id))
        {
            id = $"call_{_messages.Count}_{_ids.Count}";
        }

        return id == call.CallId ? call : new FunctionCallContent(id, call.Name, call.Arguments)
        {
            Exception = call.Exception,
            AdditionalProperties = call.AdditionalProperties,
        };
    }
}
