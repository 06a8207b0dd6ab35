using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FastGate.Flight;
using FastGate.Llm.Catalog;
using FastGate.Memory;
using FastGate.Speech;
using FastGate.Tools.Servers;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Newest first; <paramref name="Total"/> includes handshakes that are no longer recorded.</summary>
internal sealed record HandshakePage(long Total, IReadOnlyList<ConnectionRecord> Handshakes);

/// <summary>Newest first; <paramref name="Total"/> includes records that were overwritten, and those that the filter leaves out.</summary>
internal sealed record RecordPage(long Total, IReadOnlyList<ConnectionRecord> Records, string? Next);

/// <summary>The provider that each purpose resolves to, and why.</summary>
internal sealed record LlmPage(IReadOnlyList<LlmExplanation> Purposes);

/// <summary>The operator's MCP servers, and the tools that they offer to the model.</summary>
internal sealed record ToolPage(IReadOnlyList<McpServerReport> Servers);

/// <summary>
/// The stored turns of a device, oldest first. <paramref name="Next"/> is the value of <c>after</c> for the next page. It is a string, because
/// JavaScript cannot represent such an id exactly as a number: a rounded id would return the same turn again.
/// </summary>
internal sealed record MemoryExport(string DeviceId, StoredSummary? Summary, IReadOnlyList<StoredExchange> Turns, string? Next);

internal sealed record MemoryErasure(string DeviceId, int ErasedTurns);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(DevicePage))]
[JsonSerializable(typeof(DeviceReport))]
[JsonSerializable(typeof(HandshakePage))]
[JsonSerializable(typeof(LlmPage))]
[JsonSerializable(typeof(SpeechExplanation))]
[JsonSerializable(typeof(ToolPage))]
[JsonSerializable(typeof(MemoryExport))]
[JsonSerializable(typeof(MemoryErasure))]
[JsonSerializable(typeof(RestartAnswer))]
[JsonSerializable(typeof(RestartReport))]
[JsonSerializable(typeof(OverviewReport))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(KickBody))]
[JsonSerializable(typeof(KickManyBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(MessageManyBody))]
[JsonSerializable(typeof(TagsBody))]
[JsonSerializable(typeof(BanBody))]
[JsonSerializable(typeof(LogLevelBody))]
[JsonSerializable(typeof(DeviceActed))]
[JsonSerializable(typeof(DevicesMatched))]
[JsonSerializable(typeof(DeviceTagged))]
[JsonSerializable(typeof(Banned))]
[JsonSerializable(typeof(BanPage))]
[JsonSerializable(typeof(LogLevelPage))]
[JsonSerializable(typeof(Reloaded))]
[JsonSerializable(typeof(CallerReport))]
[JsonSerializable(typeof(CommandBody))]
[JsonSerializable(typeof(CommandReport))]
[JsonSerializable(typeof(CommandReportPage))]
[JsonSerializable(typeof(DrainBody))]
[JsonSerializable(typeof(DrainReport))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(RecordPage))]
[JsonSerializable(typeof(TraceBody))]
[JsonSerializable(typeof(TraceReport))]
[JsonSerializable(typeof(TracePage))]
[JsonSerializable(typeof(NodePage))]
[JsonSerializable(typeof(AdminProblem))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    public static Task ReplyAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        AdminAnswer.Of(value, type, status).WriteAsync(context);

    public static Task ErrorAsync(HttpContext context, int status, string error) => AdminAnswer.Problem(status, error).WriteAsync(context);
}
