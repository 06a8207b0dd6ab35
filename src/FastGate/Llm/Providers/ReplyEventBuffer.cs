using System.Buffers;
using System.Text;
using FastGate.Llm.Failures;

namespace FastGate.Llm.Providers;

/// <summary>
/// Puts the events of a reply together from its lines: server-sent events, and JSON in the body without a field name, whether the
/// whole body is such or a server writes an error that way between its events.
/// </summary>
internal sealed class ReplyEventBuffer
{
    private const string Default = "message";

    private ArrayBufferWriter<byte> _data = new(1024);
    private ArrayBufferWriter<byte> _taken = new(1024);
    private string _type = Default;
    private JsonEnd _json;
    private int _scanned;
    private bool _bare;

    /// <summary>The type of the event that was completed last.</summary>
    public string Type { get; private set; } = Default;

    /// <summary>The data of the event that was completed last, until the next one is completed.</summary>
    public ReadOnlyMemory<byte> Data => _taken.WrittenMemory;

    /// <summary>An event has been completed.</summary>
    public bool HasEvents { get; private set; }

    /// <summary>The first line that belongs to no event, cut: a page, or a message in plain text.</summary>
    public string? Noise { get; private set; }

    /// <summary>True when the line completes an event.</summary>
    public bool Add(ReadOnlySpan<byte> line)
    {
        if (_bare)
        {
            Append(line);
            return _json.Scan(line) && Complete();
        }

        ReadOnlySpan<byte> text = line.TrimStart(" \t\0\uFEFF"u8).TrimEnd(" \t\0"u8);
        if (text.IsEmpty)
        {
            return Complete();
        }

        if (text[0] is (byte)'{' or (byte)'[')
        {
            bool completed = Complete();
            _bare = !_json.Scan(text);
            _scanned = text.Length;
            Append(text);
            return completed || (!_bare && Complete());
        }

        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? text : text[..colon];
        ReadOnlySpan<byte> value = colon < 0 ? [] : text[(colon + 1)..].TrimStart((byte)' ');
        if (name.IsEmpty)
        {
            return false;
        }

        bool whole = false;
        if (Is(name, "data"))
        {
            whole = CompleteWhole();
            Join(value);
        }
        else if (Is(name, "event"))
        {
            whole = CompleteWhole();
            _type = value.IsEmpty ? Default : Encoding.UTF8.GetString(value);
        }
        else if (Is(name, "error"))
        {
            // An old llama.cpp names the field of an error so; other servers write an error as plain text.
            whole = CompleteWhole();
            _type = "error";
            Join(value);
        }
        else if (!Is(name, "id") && !Is(name, "retry"))
        {
            Noise ??= LogText.Shorten(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 500)]), 100);
        }

        return whole;
    }

    /// <summary>True when the body has ended with an event that lacks its blank line.</summary>
    public bool End() => Complete();

    private static bool Is(ReadOnlySpan<byte> name, string field) => Ascii.EqualsIgnoreCase(name, field);

    /// <summary>Completes an event whose data is a whole object before the next field: the server leaves out the blank line.</summary>
    private bool CompleteWhole()
    {
        if (_data.WrittenCount == 0 || _data.WrittenSpan[0] != (byte)'{')
        {
            return false;
        }

        // Scan only the new lines: scanning all of them again would take quadratic time for an event of many lines.
        ReadOnlySpan<byte> added = _data.WrittenSpan[_scanned..];
        _scanned = _data.WrittenCount;
        return _json.Scan(added) && Complete();
    }

    private void Join(ReadOnlySpan<byte> value)
    {
        if (_data.WrittenCount > 0)
        {
            Append("\n"u8);
        }

        Append(value);
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        if (_data.WrittenCount + value.Length > ReplyLines.MaxLine)
        {
            throw new LlmException(LlmFailure.Garbage, $"the reply has an event above {ReplyLines.MaxLine} bytes");
        }

        _data.Write(value);
    }

    private bool Complete()
    {
        (_bare, _json, _scanned) = (false, default, 0);
        if (_data.WrittenCount == 0)
        {
            _type = Default;
            return false;
        }

        (_data, _taken) = (_taken, _data);
        _data.ResetWrittenCount();
        Type = _type;
        _type = Default;
        HasEvents = true;
        return true;
    }
}
