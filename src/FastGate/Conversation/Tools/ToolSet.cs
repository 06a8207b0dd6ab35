using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Tools;

/// <summary>The tools of one turn, by the names that the model knows. Of two tools with one name the first source keeps it and the other is renamed.</summary>
internal sealed class ToolSet
{
    /// <summary>Tools of one turn: the most that providers accept.</summary>
    public const int MaxTools = 128;

    private readonly Dictionary<string, (ToolOrigin Origin, AIFunction Function)> _byName = new(StringComparer.Ordinal);
    private readonly List<AITool> _tools = [];

    public ToolSet(IEnumerable<(ToolOrigin Origin, IToolSource? Source)> sources)
    {
        foreach ((ToolOrigin origin, IToolSource? source) in sources)
        {
            foreach (AIFunction function in source?.Tools ?? [])
            {
                if (_tools.Count == MaxTools)
                {
                    return;
                }

                Add(origin, function);
            }
        }
    }

    /// <summary>The tools in the form in which the model gets them.</summary>
    public IReadOnlyList<AITool> Tools => _tools;

    public bool TryFind(string name, out ToolOrigin origin, out AIFunction function)
    {
        bool found = _byName.TryGetValue(name, out (ToolOrigin Origin, AIFunction Function) entry);
        (origin, function) = found ? entry : (ToolOrigin.Unknown, null!);
        return found;
    }

    private void Add(ToolOrigin origin, AIFunction function)
    {
        string name = FreeName(origin, function.Name);
        AIFunction named = name == function.Name ? function : new RenamedTool(function, name);
        _byName.Add(name, (origin, function));
        _tools.Add(named);
    }

    private string FreeName(ToolOrigin origin, string name)
    {
        string candidate = name;
        for (int number = 1; _byName.ContainsKey(candidate); number++)
        {
            string prefix = origin.ToString().ToLowerInvariant() + (number == 1 ? "_" : $"{number}_");
            candidate = prefix + name[..Math.Min(name.Length, ToolName.MaxLength - prefix.Length)];
        }

        return candidate;
    }

    private sealed class RenamedTool(AIFunction inner, string name) : DelegatingAIFunction(inner)
    {
        public override string Name => name;
    }
}
