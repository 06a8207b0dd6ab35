using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Hosting;

/// <summary>Formats <c>2026-11-27T14:29:54.209Z warn: Category[5009] message</c>; the trace id and an exception follow on the same line.</summary>
internal sealed class PlainTextLine : IZLoggerFormatter
{
    private const int TimeLength = 24;

    public bool WithLineBreak => false;

    public void FormatLogEntry(IBufferWriter<byte> writer, IZLoggerEntry entry)
    {
        LogInfo info = entry.LogInfo;
        Span<byte> time = writer.GetSpan(64);

        // The round-trip format is the fast one: cut after the milliseconds, it is the format of the line.
        info.Timestamp.Utc.UtcDateTime.TryFormat(time, out _, "O");
        time[TimeLength - 1] = (byte)'Z';
        time[TimeLength] = (byte)' ';
        writer.Advance(TimeLength + 1);
        writer.Write(Level(info.LogLevel));
        writer.Write(info.Category.Utf8Span);
        Span<byte> id = writer.GetSpan(16);
        id[0] = (byte)'[';
        Utf8Formatter.TryFormat(info.EventId.Id, id[1..], out int digits);
        id[digits + 1] = (byte)']';
        id[digits + 2] = (byte)' ';
        writer.Advance(digits + 3);
        entry.ToString(writer);
        if (TraceScope.Of(info) is [{ Value: string trace }, ..])
        {
            writer.Write(" trace="u8);
            Encoding.UTF8.GetBytes(trace, writer);
        }

        if (info.Exception is { } exception)
        {
            writer.Write(" "u8);
            Encoding.UTF8.GetBytes(exception.ToString(), writer);
        }
    }

    private static ReadOnlySpan<byte> Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce: "u8,
        LogLevel.Debug => "dbug: "u8,
        LogLevel.Information => "info: "u8,
        LogLevel.Warning => "warn: "u8,
        LogLevel.Error => "fail: "u8,
        _ => "crit: "u8,
    };
}
