namespace FastGate.HandOver;

/// <summary>Fields of a <see cref="SessionState"/>.</summary>
internal static class SessionRecord
{
    private const byte SessionIdTag = 1;
    private const byte FramingTag = 2;
    private const byte HelloSeenTag = 3;
    private const byte WantsEmotionTag = 4;
    private const byte EndingTag = 5;
    private const byte SpeakingTag = 6;
    private const byte TurnNumberTag = 7;
    private const byte LanguageTag = 8;
    private const byte FollowsWordsTag = 9;
    private const byte WrongSecretsTag = 10;
    private const byte StreamedAgeTag = 11;
    private const byte EarTag = 12;
    private const byte PlaybackTag = 13;
    private const byte ToolsTag = 14;

    /// <summary>One field for each exchange.</summary>
    private const byte DialogueTag = 15;
    private const byte AnnouncedFramingTag = 16;

    public static void Write(StateBuffer output, SessionState state)
    {
        output.Put(SessionIdTag, state.SessionId);
        output.Put(FramingTag, state.Framing);
        output.Put(AnnouncedFramingTag, state.AnnouncedFraming);
        output.Put(HelloSeenTag, state.HelloSeen);
        output.Put(WantsEmotionTag, state.WantsEmotion, absent: true);
        output.Put(EndingTag, state.Ending);
        output.Put(SpeakingTag, state.Speaking);
        output.Put(TurnNumberTag, state.TurnNumber);
        output.Put(LanguageTag, state.Language);
        output.Put(FollowsWordsTag, state.FollowsWords);
        output.Put(WrongSecretsTag, state.WrongSecrets);
        output.Put(StreamedAgeTag, state.StreamedAgeMs, absent: -1);
        if (state.Ear is { } ear)
        {
            int begin = output.Begin(EarTag);
            EarRecord.Write(output, ear);
            output.End(begin);
        }

        if (state.Playback is { } playback)
        {
            int begin = output.Begin(PlaybackTag);
            PlaybackRecord.Write(output, playback);
            output.End(begin);
        }

        if (state.Tools is { } tools)
        {
            int begin = output.Begin(ToolsTag);
            ToolsRecord.Write(output, tools);
            output.End(begin);
        }

        foreach (DialogueTurnState turn in state.Dialogue)
        {
            int begin = output.Begin(DialogueTag);
            DialogueTurnRecord.Write(output, turn);
            output.End(begin);
        }
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static SessionState? Read(ReadOnlySpan<byte> record)
    {
        Guid sessionId = default;
        byte framing = 0, announcedFraming = 0, language = 0, wrongSecrets = 0;
        bool helloSeen = false, wantsEmotion = true, ending = false, speaking = false, followsWords = false;
        int turnNumber = 0;
        long streamedAge = -1;
        EarState? ear = null;
        PlaybackState? playback = null;
        ToolsState? tools = null;
        List<DialogueTurnState>? dialogue = null;
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            bool isReadable = true;
            switch (tag)
            {
                case SessionIdTag: sessionId = fields.Guid(); break;
                case FramingTag: framing = fields.Byte(); break;
                case AnnouncedFramingTag: announcedFraming = fields.Byte(); break;
                case HelloSeenTag: helloSeen = fields.Bool(); break;
                case WantsEmotionTag: wantsEmotion = fields.Bool(); break;
                case EndingTag: ending = fields.Bool(); break;
                case SpeakingTag: speaking = fields.Bool(); break;
                case TurnNumberTag: turnNumber = fields.Int(); break;
                case LanguageTag: language = fields.Byte(); break;
                case FollowsWordsTag: followsWords = fields.Bool(); break;
                case WrongSecretsTag: wrongSecrets = fields.Byte(); break;
                case StreamedAgeTag: streamedAge = fields.Long(); break;
                case EarTag when ear is null: isReadable = (ear = EarRecord.Read(fields.Value)) is not null; break;
                case PlaybackTag when playback is null: isReadable = (playback = PlaybackRecord.Read(fields.Value)) is not null; break;
                case ToolsTag when tools is null: isReadable = (tools = ToolsRecord.Read(fields.Value)) is not null; break;
                case DialogueTag:
                    DialogueTurnState? turn = DialogueTurnRecord.Read(fields.Value);
                    isReadable = turn is not null;
                    (dialogue ??= []).Add(turn!);
                    break;
                default: fields.Skip(tag); break;
            }

            if (!isReadable)
            {
                fields.Fail();
            }
        }

        return !fields.IsValid ? null : new SessionState
        {
            SessionId = sessionId,
            Framing = framing,
            AnnouncedFraming = announcedFraming,
            HelloSeen = helloSeen,
            WantsEmotion = wantsEmotion,
            Ending = ending,
            Speaking = speaking,
            TurnNumber = turnNumber,
            Language = language,
            FollowsWords = followsWords,
            WrongSecrets = wrongSecrets,
            StreamedAgeMs = streamedAge,
            Ear = ear,
            Playback = playback,
            Tools = tools,
            Dialogue = dialogue ?? (IReadOnlyList<DialogueTurnState>)[],
        };
    }
}
