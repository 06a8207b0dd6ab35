namespace FastGate.HandOver;

/// <summary>Fields of a <see cref="ConnectionState"/>. The descriptor and unsent output are outside of the fields.</summary>
internal static class ConnectionStateRecord
{
    private const byte UnreadInputTag = 1;
    private const byte PhaseTag = 2;
    private const byte DeviceIdTag = 3;
    private const byte IdentitySourceTag = 4;
    private const byte EndReasonTag = 5;
    private const byte OpenedAgeTag = 6;
    private const byte LastInboundAgeTag = 7;
    private const byte WarnedAgeTag = 8;
    private const byte PhaseLeftTag = 9;
    private const byte WriteLeftTag = 10;
    private const byte CloseLeftTag = 11;
    private const byte PartialMessageTag = 12;
    private const byte SessionTag = 13;
    private const byte ClaimEpochTag = 14;
    private const byte ReportedClientTag = 15;
    private const byte DeflateBitsTag = 16;

    public static void Write(StateBuffer output, ConnectionState state)
    {
        output.Put(UnreadInputTag, state.UnreadInput.Span);
        output.Put(PhaseTag, state.Phase);
        output.Put(DeviceIdTag, state.DeviceId);
        output.Put(IdentitySourceTag, state.IdentitySource);
        output.Put(EndReasonTag, state.EndReason);
        output.Put(OpenedAgeTag, state.OpenedAgeMs);
        output.Put(LastInboundAgeTag, state.LastInboundAgeMs);
        output.Put(WarnedAgeTag, state.WarnedAgeMs, absent: -1);
        output.Put(PhaseLeftTag, state.PhaseLeftMs, absent: -1);
        output.Put(WriteLeftTag, state.WriteLeftMs, absent: -1);
        output.Put(CloseLeftTag, state.CloseLeftMs, absent: -1);
        output.Put(PartialMessageTag, state.PartialMessage.Span);
        output.Put(ClaimEpochTag, state.ClaimEpoch);
        output.Put(ReportedClientTag, state.ReportedClient.Span);
        output.Put(DeflateBitsTag, state.DeflateBits);
        if (state.Session is { } session)
        {
            int begin = output.Begin(SessionTag);
            SessionRecord.Write(output, session);
            output.End(begin);
        }
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static ConnectionState? Read(ReadOnlySpan<byte> record, int descriptor, ReadOnlyMemory<byte> unsentOutput)
    {
        ReadOnlyMemory<byte> unreadInput = default, partialMessage = default, reportedClient = default;
        byte phase = 0, identitySource = 0, endReason = 0, deflateBits = 0;
        string deviceId = "";
        long openedAge = 0, lastInboundAge = 0, warnedAge = -1, phaseLeft = -1, writeLeft = -1, closeLeft = -1, claimEpoch = 0;
        SessionState? session = null;
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case UnreadInputTag: unreadInput = fields.Bytes(); break;
                case PhaseTag: phase = fields.Byte(); break;
                case DeviceIdTag: deviceId = fields.Text(); break;
                case IdentitySourceTag: identitySource = fields.Byte(); break;
                case EndReasonTag: endReason = fields.Byte(); break;
                case OpenedAgeTag: openedAge = fields.Long(); break;
                case LastInboundAgeTag: lastInboundAge = fields.Long(); break;
                case WarnedAgeTag: warnedAge = fields.Long(); break;
                case PhaseLeftTag: phaseLeft = fields.Long(); break;
                case WriteLeftTag: writeLeft = fields.Long(); break;
                case CloseLeftTag: closeLeft = fields.Long(); break;
                case PartialMessageTag: partialMessage = fields.Bytes(); break;
                case ClaimEpochTag: claimEpoch = fields.Long(); break;
                case ReportedClientTag: reportedClient = fields.Bytes(); break;
                case DeflateBitsTag: deflateBits = fields.Byte(); break;
                case SessionTag when session is null:
                    session = SessionRecord.Read(fields.Value);
                    if (session is null)
                    {
                        fields.Fail();
                    }

                    break;
                default: fields.Skip(tag); break;
            }
        }

        return !fields.IsValid ? null : new ConnectionState
        {
            Descriptor = descriptor,
            UnreadInput = unreadInput,
            UnsentOutput = unsentOutput,
            Phase = phase,
            DeviceId = deviceId,
            IdentitySource = identitySource,
            EndReason = endReason,
            OpenedAgeMs = openedAge,
            LastInboundAgeMs = lastInboundAge,
            WarnedAgeMs = warnedAge,
            PhaseLeftMs = phaseLeft,
            WriteLeftMs = writeLeft,
            CloseLeftMs = closeLeft,
            PartialMessage = partialMessage,
            ClaimEpoch = claimEpoch,
            ReportedClient = reportedClient,
            DeflateBits = deflateBits,
            Session = session,
        };
    }
}
