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

    // The time to parse an event grows with its length times its depth.
    private const int MaxDepth = 256;

    private static readonly JsonDocumentOptions s_lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = MaxDepth,
    };

    private static readonly JsonReaderOptions s_oneOfMany = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = MaxDepth,
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
    private static ChatResponseUpdate? Read(IReplyReader reader, string eventType, ReadOnlyMemory<byte> data)
    {
        ChatResponseUpdate? update = null;
        while (true)
        {
            data = data.Trim(" \t\r\n\0"u8);
            if (data.IsEmpty)
            {
                return update;
            }

            ReadOnlySpan<byte> text = data.Span;
            if (text[0] == (byte)'{')
            {
                update ??= new ChatResponseUpdate { Role = ChatRole.Assistant };
                data = data[ReadObject(reader, eventType, data, update)..];
            }
            else if (text[0] is (byte)',' or (byte)']' || (text[0] == (byte)'[' && text[1..].TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]))
            {
                // A list of objects; Gemini puts an error into one.
                data = data[1..];
            }
            else if (text.StartsWith("data:"u8))
            {
                // A relay that has framed a framed event.
                data = data["data:"u8.Length..];
            }
            else
            {
                string mark = Encoding.UTF8.GetString(text[..Math.Min(text.Length, LongestMark)]);
                if (eventType == "error")
                {
                    throw ReplyErrors.Create(mark);
                }

                reader.ReadMark(mark);
                return update;
            }
        }
    }

    /// <summary>Reads the first object of the data. Returns its length.</summary>
    private static int ReadObject(IReplyReader reader, string eventType, ReadOnlyMemory<byte> data, ChatResponseUpdate update)
    {
        using JsonDocument? whole = TryParse(data);
        if (whole is not null)
        {
            reader.Read(eventType, whole.RootElement, update);
            return data.Length;
        }

        using JsonDocument first = ParseFirst(data, out int length);
        reader.Read(eventType, first.RootElement, update);
        return length;
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> data)
    {
        try
        {
            return JsonDocument.Parse(data, s_lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The first of several values, or a value that needs repair.</summary>
    private static JsonDocument ParseFirst(ReadOnlyMemory<byte> data, out int length)
    {
        try
        {
            var json = new Utf8JsonReader(data.Span, s_oneOfMany);
            var first = JsonDocument.ParseValue(ref json);
            length = (int)json.BytesConsumed;
            return first;
        }
        catch (JsonException)
        {
            length = data.Length;
            return TryParse(JsonRepair.Repair(data.Span))
                ?? throw new LlmException(LlmFailure.Garbage, $"an event of the reply is no JSON: {LogText.Shorten(Encoding.UTF8.GetString(data.Span), 100)}");
        }
    }
}
