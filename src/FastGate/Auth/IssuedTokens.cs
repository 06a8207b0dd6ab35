namespace FastGate.Auth;

/// <summary>
/// The ids of the last tokens issued, in a ring, to explain a token that is presented with other ids. Any thread: a writer takes a number and
/// stores one reference. Holds no token and no signature.
/// </summary>
internal sealed class IssuedTokens
{
    public const int Capacity = 1_024;

    /// <summary>Most signatures computed for one refused token, of entries that share an id with it and of the others: a flood of wrong tokens must stay cheap.</summary>
    private const int MaxCompared = 16;

    private readonly Entry?[] _ring = new Entry?[Capacity];
    private long _next;

    /// <summary>The ids as they were signed.</summary>
    public void Add(byte[] clientId, byte[] deviceId, long signedAt)
    {
        long number = Interlocked.Increment(ref _next) - 1;
        Volatile.Write(ref _ring[number % Capacity], new Entry(clientId, deviceId, signedAt));
    }

    /// <summary>
    /// Which id of <paramref name="credential"/> differs from the one its token was signed for; <see cref="AuthResult.BadSignature"/> when no
    /// issued token is known to have this signature. Allocates nothing.
    /// </summary>
    public AuthResult Compare(
        byte[] key, in DeviceCredential credential, ReadOnlySpan<byte> timestamp, long signedAt, ReadOnlySpan<byte> signature)
    {
        int sharing = 0;
        int others = 0;
        for (int i = 0; i < Capacity; i++)
        {
            if (Volatile.Read(ref _ring[i]) is not Entry entry || entry.SignedAt != signedAt)
            {
                continue;
            }

            // Many devices may boot in one second: those that share no id must not use up the count of those that do.
            bool sameClient = credential.ClientId.SequenceEqual(entry.ClientId);
            bool sameDevice = credential.DeviceId.SequenceEqual(entry.DeviceId);
            ref int compared = ref sameClient || sameDevice ? ref sharing : ref others;
            if (compared < MaxCompared && DeviceToken.IsSignedFor(key, entry.ClientId, entry.DeviceId, timestamp, signature))
            {
                return sameDevice ? AuthResult.OtherClientId : sameClient ? AuthResult.OtherDeviceId : AuthResult.OtherIds;
            }

            compared++;
        }

        return AuthResult.BadSignature;
    }

    private sealed record Entry(byte[] ClientId, byte[] DeviceId, long SignedAt);
}
