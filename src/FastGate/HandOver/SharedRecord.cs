using System.Text;
using System.Text.Unicode;

namespace FastGate.HandOver;

/// <summary>Fields of a <see cref="GatewayState"/> that belong to no descriptor. They may be in several records, so that none is too big.</summary>
internal static class SharedRecord
{
    private const byte QuietAtTag = 1;

    /// <summary>One field for each device: its language and the device id in UTF-8.</summary>
    private const byte LanguageTag = 2;

    private const byte NodeIncarnationTag = 3;

    public static void WriteGateway(StateBuffer output, long quietAtUnixMs, long nodeIncarnation)
    {
        output.Put(QuietAtTag, quietAtUnixMs);
        output.Put(NodeIncarnationTag, nodeIncarnation);
    }

    public static void WriteLanguage(StateBuffer output, DeviceLanguageState state)
    {
        int begin = output.Begin(LanguageTag);
        output.Take(1)[0] = state.Language;
        Encoding.UTF8.GetBytes(state.DeviceId, output.Take(Encoding.UTF8.GetByteCount(state.DeviceId)));
        output.End(begin);
    }

    /// <summary>Adds what is readable. False when something is not.</summary>
    public static bool Read(ReadOnlySpan<byte> record, ref long quietAtUnixMs, ref long nodeIncarnation, List<DeviceLanguageState> languages)
    {
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case QuietAtTag: quietAtUnixMs = fields.Long(); break;
                case NodeIncarnationTag: nodeIncarnation = fields.Long(); break;
                case LanguageTag when fields.Value.Length > 0 && Utf8.IsValid(fields.Value[1..]):
                    languages.Add(new DeviceLanguageState(Encoding.UTF8.GetString(fields.Value[1..]), fields.Value[0]));
                    break;
                case LanguageTag: fields.Fail(); break;
                default: fields.Skip(tag); break;
            }
        }

        return fields.IsValid;
    }
}
