using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using FastGate.Llm.Failures;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Reads the body of a streamed reply leniently: server-sent events with CR, LF or CRLF, a byte order mark, comments and a missing last blank
/// line, or JSON objects instead of events. Throws <see cref="LlmException"/> for a reply that ends before its protocol says so.
/// </summary>
internal static class ReplyEvents
{
    private const int LongestMark = 64;

    private static readonly JsonReaderOptions s_lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly JsonReaderOptions s_manyValues = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowMultipleValues = true };

    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(
        IReplyReader reader, Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = new ReplyStream(stream);
        byte? first = await body.PeekAsync(cancellationToken).ConfigureAwait(false);
        IAsyncEnumerable<ChatResponseUpdate?> updates = first == (byte)'{'
            ? ReadObjectsAsync(reader, body, cancellationToken)
            : ReadEventsAsync(reader, body, cancellationToken);
        await foreach (ChatResponseUpdate? update in updates.ConfigureAwait(false))
        {
            if (update is not null)
            {
                yield return update;
            }

            if (reader.IsOver)
            {
                break;
            }
        }

        if (!reader.IsComplete)
        {
            throw new LlmException(LlmFailure.Cut, first switch
            {
                null => "the reply is empty",
                (byte)'<' => "the reply is a page, not a stream",
                _ => "the reply ended before its end mark",
            });
        }

        var last = new ChatResponseUpdate { Role = ChatRole.Assistant };
        reader.Finish(last);
        if (last.Contents.Count > 0)
        {
            yield return last;
        }
    }

    /// <summary>The update of one event; null where the event holds no JSON object. An event without words still shows that the provider is alive.</summary>
    private static ChatResponseUpdate? Read(IReplyReader reader, string eventType, ReadOnlySpan<byte> data)
    {
        data = data.Trim(" \t\r\n\0"u8);
        if (data.IsEmpty)
        {
            return null;
        }

        if (data[0] != (byte)'{')
        {
            reader.ReadMark(Encoding.UTF8.GetString(data[..Math.Min(data.Length, LongestMark)]));
            return null;
        }

        var json = new Utf8JsonReader(data, s_lenient);
        using var document = JsonDocument.ParseValue(ref json);
        var update = new ChatResponseUpdate { Role = ChatRole.Assistant };
        reader.Read(eventType, document.RootElement, update);
        return update;
    }

    private static async IAsyncEnumerable<ChatResponseUpdate?> ReadEventsAsync(
        IReplyReader reader, ReplyStream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parser = SseParser.Create(body, (eventType, data) => Read(reader, eventType, data));
        await foreach (SseItem<ChatResponseUpdate?> item in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return item.Data;
        }
    }

    /// <summary>A body of one or more JSON objects, from a server that does not stream or that separates its chunks by line ends.</summary>
    private static async IAsyncEnumerable<ChatResponseUpdate?> ReadObjectsAsync(
        IReplyReader reader, ReplyStream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        byte[] piece = new byte[4096];
        while (await body.ReadAsync(piece, cancellationToken).ConfigureAwait(false) is > 0 and int read)
        {
            whole.Write(piece, 0, read);
            if (whole.Length > ReplyStream.MaxLine)
            {
                throw new LlmException(LlmFailure.Garbage, $"the reply is an object above {ReplyStream.MaxLine} bytes");
            }
        }

        foreach (ReadOnlyMemory<byte> value in Split(whole.GetBuffer().AsMemory(0, (int)whole.Length)))
        {
            yield return Read(reader, "message", value.Span);
        }
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> objects)
    {
        List<ReadOnlyMemory<byte>> values = [];
        var reader = new Utf8JsonReader(objects.Span, s_manyValues);
        while (reader.Read())
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            values.Add(objects[start..(int)reader.BytesConsumed]);
        }

        return values;
    }
}
