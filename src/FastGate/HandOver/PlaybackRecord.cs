namespace FastGate.HandOver;

/// <summary>Fields of a <see cref="PlaybackState"/>.</summary>
internal static class PlaybackRecord
{
    private const byte FramesSentTag = 1;
    private const byte OutcomeTag = 2;
    private const byte IsLineTag = 3;

    /// <summary>One field for each item: a sentence or a packet.</summary>
    private const byte SentenceTag = 4;
    private const byte PacketTag = 5;
    private const byte StartedAtTag = 6;

    public static void Write(StateBuffer output, PlaybackState state)
    {
        output.Put(FramesSentTag, (int)state.FramesSent);
        output.Put(OutcomeTag, state.Outcome);
        output.Put(IsLineTag, state.IsLine);
        output.Put(StartedAtTag, state.StartedAtUnixMs);
        foreach (PlaybackItemState item in state.Items)
        {
            if (item.Sentence is null)
            {
                output.PutElement(PacketTag, item.Packet.Span);
            }
            else
            {
                output.PutElement(SentenceTag, item.Sentence);
            }
        }
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static PlaybackState? Read(ReadOnlySpan<byte> record)
    {
        uint framesSent = 0;
        long startedAt = 0;
        byte outcome = 0;
        bool isLine = false;
        List<PlaybackItemState>? items = null;
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case FramesSentTag: framesSent = (uint)fields.Int(); break;
                case OutcomeTag: outcome = fields.Byte(); break;
                case IsLineTag: isLine = fields.Bool(); break;
                case StartedAtTag: startedAt = fields.Long(); break;
                case SentenceTag: (items ??= []).Add(new PlaybackItemState(fields.Text(), default)); break;
                case PacketTag: (items ??= []).Add(new PlaybackItemState(null, fields.Bytes())); break;
                default: fields.Skip(tag); break;
            }
        }

        return !fields.IsValid ? null : new PlaybackState
        {
            FramesSent = framesSent,
            StartedAtUnixMs = startedAt,
            Outcome = outcome,
            IsLine = isLine,
            Items = items ?? (IReadOnlyList<PlaybackItemState>)[],
        };
    }
}
