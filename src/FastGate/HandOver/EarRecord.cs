namespace FastGate.HandOver;

/// <summary>Fields of an <see cref="EarState"/>.</summary>
internal static class EarRecord
{
    private const byte ModeTag = 1;
    private const byte SoundTag = 2;
    private const byte HasEndedTag = 3;
    private const byte WordsTag = 4;
    private const byte NextSoundTag = 5;

    public static void Write(StateBuffer output, EarState state)
    {
        output.Put(ModeTag, state.Mode);
        output.Put(SoundTag, state.Sound.Span);
        output.Put(HasEndedTag, state.HasEnded);
        if (state.Words is { } words)
        {
            output.PutElement(WordsTag, words);
        }

        output.Put(NextSoundTag, state.NextSound.Span);
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static EarState? Read(ReadOnlySpan<byte> record)
    {
        byte mode = 0;
        ReadOnlyMemory<byte> sound = default, nextSound = default;
        bool hasEnded = false;
        string? words = null;
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case ModeTag: mode = fields.Byte(); break;
                case SoundTag: sound = fields.Bytes(); break;
                case HasEndedTag: hasEnded = fields.Bool(); break;
                case WordsTag: words = fields.Text(); break;
                case NextSoundTag: nextSound = fields.Bytes(); break;
                default: fields.Skip(tag); break;
            }
        }

        return fields.IsValid ? new EarState(mode, sound, hasEnded) { Words = words, NextSound = nextSound } : null;
    }
}
