using System.Buffers.Text;
using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Identity;

/// <summary>Selects the ids among their sources; <see cref="DeviceIdentity"/> documents the order.</summary>
internal ref struct IdentityReader
{
    /// <summary>Bytes for two normalised ids. The rest of the scratch holds decoded query values, which together are no longer than the query.</summary>
    public const int ScratchBeyondQuery = 2 * DeviceIdentity.MaxIdLength;

    private const IdentitySource FirstHeader = IdentitySource.HeaderDeviceId;
    private const IdentitySource FirstClient = IdentitySource.QueryClientId;
    private const IdentitySource FirstClientHeader = IdentitySource.HeaderClientId;

    private readonly Span<byte> _scratch;
    private Span<byte> _free;

    public IdentityReader(Span<byte> scratch) => _scratch = scratch;

    public ReadOnlySpan<byte> DeviceId;
    public ReadOnlySpan<byte> RawDeviceId;
    public IdentitySource DeviceSource;
    public ReadOnlySpan<byte> ClientId;
    public ReadOnlySpan<byte> RawClientId;
    public IdentitySource ClientSource;
    public ReadOnlySpan<byte> BearerToken;
    public BearerTokenSource BearerTokenSource;
    public bool RepeatsDisagree;
    public bool FromMqttGateway;
    public int ProtocolVersion;
    public ulong Outcomes;

    public void Read(scoped in HandshakeRequest request, uint generated)
    {
        ReadOnlySpan<byte> text = request.Query;
        if (_scratch.Length < text.Length + ScratchBeyondQuery)
        {
            throw new ArgumentException("The scratch is too short for the query of this request.");
        }

        var query = IdentityQuery.Read(text, _scratch);
        _free = _scratch[query.ScratchUsed..];
        RepeatsDisagree = query.RepeatsDisagree;
        FromMqttGateway = query.From.Text.SequenceEqual("mqtt_gateway"u8);
        ProtocolVersion = request.ProtocolVersion is [(byte)'2' or (byte)'3'] ? request.ProtocolVersion[0] - '0' : 1;
        ReadBearerToken(in request, in query);

        ReadGroup(in request, in query, IdentitySource.QueryDeviceId, FirstHeader, FirstClient, ref DeviceId, ref RawDeviceId, ref DeviceSource);
        ReadGroup(in request, in query, FirstClient, FirstClientHeader, IdentitySource.DeviceId, ref ClientId, ref RawClientId, ref ClientSource);
        if (DeviceId.IsEmpty)
        {
            UseClientHeaderAsDevice(in request);
        }

        if (DeviceId.IsEmpty)
        {
            DeviceId = RawDeviceId = Generate(generated);
            DeviceSource = IdentitySource.Generated;
        }

        if (ClientId.IsEmpty)
        {
            ClientId = DeviceId;
            RawClientId = RawDeviceId;
            ClientSource = IdentitySource.DeviceId;
        }
    }

    public static string? ReadOne(scoped in HandshakeRequest request, Span<byte> scratch, IdentitySource source)
    {
        var query = IdentityQuery.Read(request.Query, scratch);
        ReadOnlySpan<byte> raw = source is >= FirstHeader and < FirstClient or >= FirstClientHeader
            ? request.Header(HeaderOf(source))
            : QueryValue(in query, source).Text;
        return IdentityText.Normalize(raw);
    }

    // Two query keys, then four headers, both for device ids and for client ids.
    private void ReadGroup(
        scoped in HandshakeRequest request,
        scoped in IdentityQuery query,
        IdentitySource first,
        IdentitySource firstHeader,
        IdentitySource end,
        ref ReadOnlySpan<byte> id,
        ref ReadOnlySpan<byte> raw,
        ref IdentitySource winner)
    {
        for (IdentitySource source = first; source < firstHeader; source++)
        {
            IdentityQuery.Value value = QueryValue(in query, source);
            if (value.IsPresent)
            {
                Consider(source, value.Text, ref id, ref raw, ref winner);
            }
        }

        for (IdentitySource source = firstHeader; source < end; source++)
        {
            KnownHeader header = HeaderOf(source);
            if (request.Has(header))
            {
                ReadOnlySpan<byte> value = request.IsRepeated(header) ? FirstNonEmpty(in request, header) : request.Header(header);
                Consider(source, value, ref id, ref raw, ref winner);
            }
        }
    }

    private void Consider(
        IdentitySource source,
        ReadOnlySpan<byte> value,
        ref ReadOnlySpan<byte> id,
        ref ReadOnlySpan<byte> raw,
        ref IdentitySource winner)
    {
        IdentityOutcome outcome = IdentityText.Validate(value, out ReadOnlySpan<byte> usable);
        if (outcome == IdentityOutcome.Used)
        {
            if (id.IsEmpty)
            {
                id = Keep(usable);
                raw = value;
                winner = source;
            }
            else
            {
                outcome = IdentityText.EqualsIgnoringCase(usable, id) ? IdentityOutcome.Agrees : IdentityOutcome.Disagrees;
            }
        }

        SetOutcome(source, outcome);
    }

    // A client id in a header can be the device id; one in the query cannot.
    private void UseClientHeaderAsDevice(scoped in HandshakeRequest request)
    {
        for (IdentitySource source = FirstClientHeader; source < IdentitySource.DeviceId; source++)
        {
            KnownHeader header = HeaderOf(source);
            if (!request.Has(header))
            {
                continue;
            }

            ReadOnlySpan<byte> value = request.IsRepeated(header) ? FirstNonEmpty(in request, header) : request.Header(header);
            if (IdentityText.Validate(value, out ReadOnlySpan<byte> usable) == IdentityOutcome.Used)
            {
                DeviceId = Keep(usable);
                RawDeviceId = value;
                DeviceSource = source;
                SetOutcome(source, IdentityOutcome.Used);
                return;
            }
        }
    }

    // The first non-empty value, as for query keys.
    private ReadOnlySpan<byte> FirstNonEmpty(scoped in HandshakeRequest request, KnownHeader header)
    {
        ReadOnlySpan<byte> first = default;
        foreach (ReadOnlySpan<byte> value in request.Values(header))
        {
            if (first.IsEmpty)
            {
                first = value;
            }
            else if (!value.IsEmpty && !IdentityText.SameId(first, value))
            {
                RepeatsDisagree = true;
            }
        }

        return first;
    }

    private void ReadBearerToken(scoped in HandshakeRequest request, scoped in IdentityQuery query)
    {
        if (TryReadBearer(request.Authorization))
        {
            BearerTokenSource = BearerTokenSource.Header;
        }
        else if (TryReadBearer(query.Authorization.Text))
        {
            BearerTokenSource = BearerTokenSource.Query;
        }
    }

    private bool TryReadBearer(ReadOnlySpan<byte> credentials)
    {
        ReadOnlySpan<byte> scheme = "Bearer "u8;
        if (credentials.Length <= scheme.Length || !Ascii.EqualsIgnoreCase(credentials[..scheme.Length], scheme))
        {
            return false;
        }

        BearerToken = credentials[scheme.Length..];
        return true;
    }

    private ReadOnlySpan<byte> Generate(uint number)
    {
        Span<byte> id = _free[..DeviceIdentity.GeneratedIdLength];
        _free = _free[DeviceIdentity.GeneratedIdLength..];
        "auto-"u8.CopyTo(id);
        Utf8Formatter.TryFormat(number, id[5..], out _, new('x', 8));
        return id;
    }

    private ReadOnlySpan<byte> Keep(scoped ReadOnlySpan<byte> usable)
    {
        ReadOnlySpan<byte> kept = IdentityText.ToLower(usable, _free);
        _free = _free[kept.Length..];
        return kept;
    }

    private void SetOutcome(IdentitySource source, IdentityOutcome outcome)
    {
        int shift = (int)source * 4;
        Outcomes = (Outcomes & ~(0xFUL << shift)) | ((ulong)outcome << shift);
    }

    private static IdentityQuery.Value QueryValue(scoped in IdentityQuery query, IdentitySource source) => source switch
    {
        IdentitySource.QueryDeviceId => query.DeviceId,
        IdentitySource.QueryDeviceIdUnderscore => query.DeviceIdUnderscore,
        IdentitySource.QueryClientId => query.ClientId,
        IdentitySource.QueryClientIdUnderscore => query.ClientIdUnderscore,
        _ => default,
    };

    // Both enums list the id headers in the order of their priority.
    private static KnownHeader HeaderOf(IdentitySource source) => source < FirstClient
        ? KnownHeader.DeviceId + (source - FirstHeader)
        : KnownHeader.ClientId + (source - FirstClientHeader);
}
