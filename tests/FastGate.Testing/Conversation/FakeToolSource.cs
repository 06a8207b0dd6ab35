using FastGate.Conversation.Tools;
using Microsoft.Extensions.AI;

namespace FastGate.Testing.Conversation;

/// <summary>Tools of a test.</summary>
internal sealed class FakeToolSource(params AIFunction[] tools) : IToolSource
{
    public IReadOnlyList<AIFunction> Tools { get; } = tools;
}
