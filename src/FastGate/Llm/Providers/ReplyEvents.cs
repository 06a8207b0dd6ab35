using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using FastGate.Llm.Failures;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Reads the body of a streamed reply leniently: server-sent events with CR, LF or CRLF, a byte order mark, comments and missing blank lines, or
/// JSON instead of events. Throws <see cref="LlmException"/> for a reply that ends before its protocol says so, and the stream's own exceptions.
/// </summary>
internal static class ReplyEvents
{
    private const int LongestMark = 300;

    // The depth is bounded by the length of an event. The parser does not recurse.
    private static readonly JsonReaderOptions s_lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = ReplyLines.MaxLine,
    };

    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(
        IReplyReader reader, Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
        using var lines = new ReplyLines(stream);
        var events = new ReplyEventBuffer();
        bool more = true;
        while (more && !reader.IsOver)
        {
            while (!reader.IsOver && TryNext(lines, events))
            {
                if (Read(reader, events.Type, events.Data) is { } update)
                {
                    yield return update;
                }
            }

            more = !reader.IsOver && await TryReadAsync(lines, reader, cancellationToken).ConfigureAwait(false);
        }

        if (!reader.IsOver && events.End() && Read(reader, events.Type, events.Data) is { } tail)
        {
            yield return tail;
        }

        if (!reader.IsComplete)
        {
            throw new LlmException(LlmFailure.Cut, events.Noise switch
            {
                null => events.HasEvents ? "the reply ended before its end mark" : "the reply is empty",
                ['<', ..] => $"the reply is a page, not a stream: {events.Noise}",
                _ => $"the reply ended before its end mark: {events.Noise}",
            });
        }

        var last = new ChatResponseUpdate { Role = ChatRole.Assistant };
        reader.Finish(last);
        if (last.Contents.Count > 0)
        {
            yield return last;
        }
    }

    private static bool TryNext(ReplyLines lines, ReplyEventBuffer events)
    {
        while (lines.TryTake(out ReadOnlySpan<byte> line))
        {
            if (events.Add(line))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A connection that breaks or stays silent after the end of the reply does not harm it.</summary>
    private static async ValueTask<bool> TryReadAsync(ReplyLines lines, IReplyReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (reader.IsComplete && exception is IOException or InvalidDataException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// The update of one event; null where the event holds no JSON object. An event without words still shows that the provider is alive.
    /// </summary>
    private static ChatResponseUpdate? Read(IReplyReader reader, string eventType, ReadOnlySpan<byte> data)
    {
        ChatResponseUpdate? update = null;
        while (true)
        {
            data = data.Trim(" \t\r\n\0"u8);
            if (data.IsEmpty)
            {
                return update;
            }

            if (data[0] == (byte)'{')
            {
                update ??= new ChatResponseUpdate { Role = ChatRole.Assistant };
                data = data[ReadObject(reader, eventType, data, update)..];
            }
            else if (data[0] is (byte)',' or (byte)']' || (data[0] == (byte)'[' && data[1..].TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]))
            {
                // A list of objects; Gemini puts an error into one.
                data = data[1..];
            }
            else if (data.StartsWith("data:"u8))
            {
                // A relay that has framed a framed event.
                data = data["data:"u8.Length..];
            }
            else
            {
                string mark = Encoding.UTF8.GetString(data[..Math.Min(data.Length, LongestMark)]);
                if (eventType == "error")
                {
                    throw ReplyErrors.Create(mark);
                }

                reader.ReadMark(mark);
                return update;
            }
        }
    }

    /// <summary>The length of the object.</summary>
    private static int ReadObject(IReplyReader reader, string eventType, ReadOnlySpan<byte> data, ChatResponseUpdate update)
    {
        try
        {
            return Parse(reader, eventType, data, update);
        }
        catch (JsonException)
        {
            try
            {
                Parse(reader, eventType, JsonRepair.Repair(data), update);
                return data.Length;
            }
            catch (JsonException refused)
            {
                throw new LlmException(LlmFailure.Garbage, $"an event of the reply is no JSON: {LogText.Shorten(Encoding.UTF8.GetString(data), 100)}", refused);
            }
        }
    }

    private static int Parse(IReplyReader reader, string eventType, ReadOnlySpan<byte> data, ChatResponseUpdate update)
    {
        var json = new Utf8JsonReader(data, s_lenient);
        using var document = JsonDocument.ParseValue(ref json);
        reader.Read(eventType, document.RootElement, update);
        return (int)json.BytesConsumed;
    }
}
