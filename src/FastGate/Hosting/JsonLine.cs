using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Hosting;

/// <summary>
/// Formats an entry as one JSON object. The parameters are below <c>State</c>: numbers and truth values as such, everything else as text, so that no
/// type needs a serializer.
/// </summary>
internal sealed class JsonLine : IZLoggerFormatter
{
    private Utf8JsonWriter? _json;

    public bool WithLineBreak => false;

    public void FormatLogEntry(IBufferWriter<byte> writer, IZLoggerEntry entry)
    {
        _json?.Reset(writer);
        Utf8JsonWriter json = _json ??= new Utf8JsonWriter(writer);
        LogInfo info = entry.LogInfo;
        json.WriteStartObject();
        json.WriteString("Timestamp"u8, info.Timestamp.Utc);
        json.WriteString("LogLevel"u8, Level(info.LogLevel));
        json.WriteString("Category"u8, info.Category.JsonEncoded);
        json.WriteNumber("EventId"u8, info.EventId.Id);
        foreach ((string key, object? value) in TraceScope.Of(info))
        {
            json.WriteString(key, (string?)value);
        }

        if (info.Exception is { } exception)
        {
            json.WritePropertyName("Exception"u8);
            Write(json, exception);
        }

        json.WriteString("Message"u8, entry.ToString());
        json.WriteStartObject("State"u8);
        for (int i = 0; i < entry.ParameterCount; i++)
        {
            json.WritePropertyName(entry.GetParameterKeyAsString(i));
            Write(json, entry.GetParameterValue(i));
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, Exception exception)
    {
        json.WriteStartObject();
        json.WriteString("Name"u8, exception.GetType().FullName);
        json.WriteString("Message"u8, exception.Message);
        json.WriteString("StackTrace"u8, exception.StackTrace);
        json.WritePropertyName("InnerException"u8);
        if (exception.InnerException is { } inner)
        {
            Write(json, inner);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "Trace"u8,
        LogLevel.Debug => "Debug"u8,
        LogLevel.Information => "Information"u8,
        LogLevel.Warning => "Warning"u8,
        LogLevel.Error => "Error"u8,
        _ => "Critical"u8,
    };
}
