namespace FastGate.HandOver;

/// <summary>Fields of an <see cref="EarState"/>.</summary>
internal static class EarRecord
{
    private const byte ModeTag = 1;
    private const byte SoundTag = 2;
    private const byte HasEndedTag = 3;

    public static void Write(StateBuffer output, EarState state)
    {
        output.Put(ModeTag, state.Mode);
        output.Put(SoundTag, state.Sound.Span);
        output.Put(HasEndedTag, state.HasEnded);
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static EarState? Read(ReadOnlySpan<byte> record)
    {
        byte mode = 0;
        ReadOnlyMemory<byte> sound = default;
        bool hasEnded = false;
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case ModeTag: mode = fields.Byte(); break;
                case SoundTag: sound = fields.Bytes(); break;
                case HasEndedTag: hasEnded = fields.Bool(); break;
                default: fields.Skip(tag); break;
            }
        }

        return fields.IsValid ? new EarState(mode, sound, hasEnded) : null;
    }
}
