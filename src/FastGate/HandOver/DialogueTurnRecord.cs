namespace FastGate.HandOver;

/// <summary>Fields of a <see cref="DialogueTurnState"/>.</summary>
internal static class DialogueTurnRecord
{
    private const byte UserTag = 1;
    private const byte AssistantTag = 2;

    public static void Write(StateBuffer output, DialogueTurnState state)
    {
        output.Put(UserTag, state.User);
        output.Put(AssistantTag, state.Assistant);
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static DialogueTurnState? Read(ReadOnlySpan<byte> record)
    {
        string user = "", assistant = "";
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case UserTag: user = fields.Text(); break;
                case AssistantTag: assistant = fields.Text(); break;
                default: fields.Skip(tag); break;
            }
        }

        return fields.IsValid ? new DialogueTurnState(user, assistant) : null;
    }
}
