using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FastGate.Diagnostics;

namespace FastGate.Webhooks;

/// <summary>Writes a batch as JSON.</summary>
internal static class WebhookBody
{
    public static byte[] Write(IReadOnlyList<(long Number, WebhookEvent Event)> batch, long dropped)
    {
        var body = new ArrayBufferWriter<byte>(256 * batch.Count);
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteNumber("dropped", dropped);
            writer.WriteStartArray("events");
            foreach ((long number, WebhookEvent happened) in batch)
            {
                writer.WriteStartObject();
                writer.WriteNumber("number", number);
                writer.WriteString("type", NameOf(happened.Kind));
                writer.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(happened.AtUnixMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                writer.WriteString("deviceId", happened.DeviceId);
                writer.WriteString("sessionId", happened.SessionId);
                if (happened.Address is { } address)
                {
                    writer.WriteString("remoteAddress", address.ToString());
                }

                if (happened.Detail is { } detail)
                {
                    writer.WriteString(happened.Kind == WebhookEventKind.Disconnected ? "reason" : "outcome", detail);
                }

                if (happened.Times is { } times)
                {
                    WriteTimes(writer, times.Value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>With the names that the page of a device has.</summary>
    private static void WriteTimes(Utf8JsonWriter writer, in TurnTimes times)
    {
        writer.WriteStartObject("times");
        WriteMs(writer, "endpointMs", times.EndpointMs);
        WriteMs(writer, "recognitionMs", times.RecognitionMs);
        WriteMs(writer, "waitMs", times.WaitMs);
        WriteMs(writer, "firstTextMs", times.FirstTextMs);
        WriteMs(writer, "firstSoundMs", times.FirstSoundMs);
        WriteMs(writer, "answerMs", times.AnswerMs);
        WriteMs(writer, "totalMs", times.TotalMs);
        writer.WriteEndObject();
    }

    private static void WriteMs(Utf8JsonWriter writer, string name, int? milliseconds)
    {
        if (milliseconds is { } value)
        {
            writer.WriteNumber(name, value);
        }
    }

    public static string NameOf(WebhookEventKind kind) => kind switch
    {
        WebhookEventKind.Connected => "connected",
        WebhookEventKind.Registered => "registered",
        WebhookEventKind.Disconnected => "disconnected",
        WebhookEventKind.TurnFinished => "turnFinished",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The event has no name."),
    };
}
