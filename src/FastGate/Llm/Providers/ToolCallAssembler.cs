using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Puts tool calls together from their deltas. A delta belongs to the call with its index; without a legible index, a delta that brings a
/// name begins a call and one without a name continues the last.
/// </summary>
internal sealed class ToolCallAssembler
{
    /// <summary>Calls of one reply, and characters of one call's arguments.</summary>
    public const int MaxCalls = 64;
    public const int MaxArguments = 256 * 1024;

    private readonly List<Call> _calls = [];

    /// <summary>
    /// Takes one delta. Name and arguments may come whole, in pieces, or repeated with every delta. <paramref name="extra"/> is JSON that the provider
    /// wants back with the call, as Gemini's signature of a thought.
    /// </summary>
    public void Add(long? index, string? id, string? name, string? arguments, string? extra = null)
    {
        Call? call = index is null
            ? name is { Length: > 0 } ? null : _calls.LastOrDefault()
            : _calls.LastOrDefault(known => known.Index == index);

        // Some servers give every call the index 0: another id with another name is another call.
        if (call is not null && id is { Length: > 0 } && call.Id is { Length: > 0 } && call.Id != id && name is { Length: > 0 })
        {
            call = null;
        }

        if (call is null)
        {
            if (_calls.Count == MaxCalls)
            {
                return;
            }

            call = new Call { Index = index };
            _calls.Add(call);
        }

        call.Id ??= id is { Length: > 0 } ? id : null;
        call.Name ??= name is { Length: > 0 } ? name : null;
        call.Extra ??= extra is { Length: <= MaxArguments } ? extra : null;
        if (arguments is not null && call.Arguments.Length + arguments.Length <= MaxArguments)
        {
            call.Arguments.Append(arguments);
        }
    }

    /// <summary>The calls that have a name. Arguments that are no JSON object are handed on as an exception of the call's content.</summary>
    public IEnumerable<FunctionCallContent> Complete()
    {
        int number = 0;
        foreach (Call call in _calls.Where(static call => call.Name is not null))
        {
            var content = FunctionCallContent.CreateFromParsedArguments(
                call.Arguments.Length == 0 ? "{}" : call.Arguments.ToString(),
                call.Id ?? $"call_{number}",
                call.Name!,
                static text => JsonSerializer.Deserialize(text, ToolArguments.Default.DictionaryStringObject));
            if (call.Extra is { } extra)
            {
                OpenAiMessages.KeepExtra(content, extra);
            }

            yield return content;
            number++;
        }

        _calls.Clear();
    }

    private sealed class Call
    {
        public required long? Index { get; init; }
        public string? Id { get; set; }
        public string? Name { get; set; }
        public string? Extra { get; set; }
        public StringBuilder Arguments { get; } = new();
    }
}
