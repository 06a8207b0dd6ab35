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

    public Choice Device;
    public Choice Client;
    public ReadOnlySpan<byte> BearerToken;
    public bool RepeatsDisagree;
    public bool FromMqttGateway;
    public int ProtocolVersion;

    /// <summary>Four bits of <see cref="IdentityOutcome"/> for each source.</summary>
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
        ReadOnlySpan<byte> version = request.Has(KnownHeader.ProtocolVersion) ? request.Header(KnownHeader.ProtocolVersion) : query.ProtocolVersion.Text;
        ProtocolVersion = version is [(byte)'2' or (byte)'3'] ? version[0] - '0' : 1;
        BearerToken = BearerTokenOf(request.Authorization);
        if (BearerToken.IsEmpty)
        {
            BearerToken = BearerTokenOf(query.Authorization.Text);
        }

        for (IdentitySource source = IdentitySource.QueryDeviceId; source < FirstClient; source++)
        {
            Consider(in request, in query, source, ref Device);
        }

        for (IdentitySource source = FirstClient; source < IdentitySource.DeviceId; source++)
        {
            Consider(in request, in query, source, ref Client);
        }

        // A client id in a header can be the device id; one in the query cannot.
        for (IdentitySource source = FirstClientHeader; source < IdentitySource.DeviceId && Device.Id.IsEmpty; source++)
        {
            Consider(in request, in query, source, ref Device);
        }

        if (Device.Id.IsEmpty)
        {
            Device.Id = Device.Raw = Generate(generated);
            Device.Source = IdentitySource.Generated;
        }

        if (Client.Id.IsEmpty)
        {
            Client = Device;
            Client.Source = IdentitySource.DeviceId;
        }
    }

    public static string? ReadOne(scoped in HandshakeRequest request, Span<byte> scratch, IdentitySource source) =>
        IdentityText.Normalize(ValueOf(in request, scratch, source));

    /// <summary>The first value of a source, only percent-decoded.</summary>
    public static ReadOnlySpan<byte> ValueOf(scoped in HandshakeRequest request, Span<byte> scratch, IdentitySource source)
    {
        var query = IdentityQuery.Read(request.Query, scratch);
        return IsHeader(source) ? request.Header(HeaderOf(source)) : QueryValue(in query, source).Text;
    }

    private void Consider(scoped in HandshakeRequest request, scoped in IdentityQuery query, IdentitySource source, ref Choice choice)
    {
        if (!TryRead(in request, in query, source, out ReadOnlySpan<byte> value))
        {
            return;
        }

        IdentityOutcome outcome = IdentityText.Validate(value, out ReadOnlySpan<byte> usable);
        if (outcome == IdentityOutcome.Used && choice.Id.IsEmpty)
        {
            choice.Id = IdentityText.ToLower(usable, _free);
            choice.Raw = value;
            choice.Source = source;
            _free = _free[usable.Length..];
        }
        else if (outcome == IdentityOutcome.Used)
        {
            outcome = IdentityText.EqualsIgnoringCase(usable, choice.Id) ? IdentityOutcome.Agrees : IdentityOutcome.Disagrees;
        }

        int shift = (int)source * 4;
        Outcomes = (Outcomes & ~(0xFUL << shift)) | ((ulong)outcome << shift);
    }

    /// <summary>Returns whether the request has this source.</summary>
    private bool TryRead(
        scoped in HandshakeRequest request, scoped in IdentityQuery query, IdentitySource source, out ReadOnlySpan<byte> value)
    {
        if (!IsHeader(source))
        {
            IdentityQuery.Value inQuery = QueryValue(in query, source);
            value = inQuery.Text;
            return inQuery.IsPresent;
        }

        KnownHeader header = HeaderOf(source);
        value = request.IsRepeated(header) ? FirstNonEmpty(in request, header) : request.Header(header);
        return request.Has(header);
    }

    // The first non-empty value, as for query keys.
    private ReadOnlySpan<byte> FirstNonEmpty(scoped in HandshakeRequest request, KnownHeader header)
    {
        ReadOnlySpan<byte> first = default;
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            if (!lines.Is(header) || lines.Value.IsEmpty)
            {
                continue;
            }

            if (first.IsEmpty)
            {
                first = lines.Value;
            }
            else if (!IdentityText.SameId(first, lines.Value))
            {
                RepeatsDisagree = true;
            }
        }

        return first;
    }

    private static ReadOnlySpan<byte> BearerTokenOf(ReadOnlySpan<byte> credentials)
    {
        ReadOnlySpan<byte> scheme = "Bearer "u8;
        return credentials.Length > scheme.Length && Ascii.EqualsIgnoreCase(credentials[..scheme.Length], scheme)
            ? credentials[scheme.Length..]
            : default;
    }

    private ReadOnlySpan<byte> Generate(uint number)
    {
        Span<byte> id = _free[..DeviceIdentity.GeneratedIdLength];
        _free = _free[DeviceIdentity.GeneratedIdLength..];
        "auto-"u8.CopyTo(id);
        Utf8Formatter.TryFormat(number, id[5..], out _, new('x', 8));
        return id;
    }

    private static IdentityQuery.Value QueryValue(scoped in IdentityQuery query, IdentitySource source) => source switch
    {
        IdentitySource.QueryDeviceId => query.DeviceId,
        IdentitySource.QueryDeviceIdUnderscore => query.DeviceIdUnderscore,
        IdentitySource.QueryClientId => query.ClientId,
        IdentitySource.QueryClientIdUnderscore => query.ClientIdUnderscore,
        _ => default,
    };

    private static bool IsHeader(IdentitySource source) => source is >= FirstHeader and < FirstClient or >= FirstClientHeader;

    // Both enums list the id headers in the order of their priority.
    private static KnownHeader HeaderOf(IdentitySource source) => source < FirstClient
        ? KnownHeader.DeviceId + (source - FirstHeader)
        : KnownHeader.ClientId + (source - FirstClientHeader);

    /// <summary>The id in use: normalised, as received, and its source.</summary>
    public ref struct Choice
    {
        public ReadOnlySpan<byte> Id;
        public ReadOnlySpan<byte> Raw;
        public IdentitySource Source;
    }
}
