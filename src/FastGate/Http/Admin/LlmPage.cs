using FastGate.Llm.Catalog;

namespace FastGate.Http.Admin;

/// <summary>What each purpose resolves to, and why.</summary>
internal sealed record LlmPage(IReadOnlyList<LlmExplanation> Purposes);
