using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using FastGate.Fleet;

namespace FastGate.Http.Ota;

/// <summary>
/// Devices that show or speak a code and wait for an operator to confirm it. A pair of device and client has one code until it ends; a device that asks again
/// gets the same one. Bounded as a whole and for each address, so that one client cannot take all places. Any thread.
/// </summary>
internal sealed class Activations(KnownDevices known, TimeProvider time)
{
    public const int Capacity = 10_000;
    public const int PerAddress = 1_000;
    public const int Digits = 6;

    /// <summary>Wrong codes in <see cref="Lifetime"/>; then none is accepted until it has passed.</summary>
    public const int MostWrong = 20;

    /// <summary>How long a code is valid. A device asks again at its next start.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly Dictionary<string, PendingActivation> _byCode = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Device, string Client), PendingActivation> _byDevice = [];
    private readonly Queue<PendingActivation> _byAge = [];
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private int _wrong;
    private DateTimeOffset _wrongUntil;

    /// <summary>Those whose code is valid, the oldest first.</summary>
    public IReadOnlyList<PendingActivation> Pending
    {
        get
        {
            lock (_lock)
            {
                RemoveExpired();
                return [.. _byAge.Where(pending => _byCode.GetValueOrDefault(pending.Code) == pending)];
            }
        }
    }

    /// <summary>The code of a device, or null when too many wait.</summary>
    public PendingActivation? Request(string deviceId, string clientId, string? board, IPAddress address)
    {
        lock (_lock)
        {
            RemoveExpired();
            if (_byDevice.TryGetValue((deviceId, clientId), out PendingActivation? pending))
            {
                return pending;
            }

            if (_byCode.Count >= Capacity || _perAddress.GetValueOrDefault(address) >= PerAddress)
            {
                return null;
            }

            string code;
            do
            {
                code = RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
            }
            while (_byCode.ContainsKey(code));

            pending = new PendingActivation(code, deviceId, clientId, board, address, time.GetUtcNow());
            _byCode.Add(code, pending);
            _byDevice.Add((deviceId, clientId), pending);
            _byAge.Enqueue(pending);
            _perAddress[address] = _perAddress.GetValueOrDefault(address) + 1;
            return pending;
        }
    }

    public bool IsPending(string deviceId, string clientId)
    {
        lock (_lock)
        {
            RemoveExpired();
            return _byDevice.ContainsKey((deviceId, clientId));
        }
    }

    /// <summary>
    /// Makes the device of a code known. Throws what the store throws; the code is then still valid.
    /// </summary>
    public ActivationResult Confirm(string code, out string? deviceId)
    {
        PendingActivation? pending;
        lock (_lock)
        {
            RemoveExpired();
            deviceId = null;
            DateTimeOffset now = time.GetUtcNow();
            _wrong = now < _wrongUntil ? _wrong : 0;
            if (_wrong >= MostWrong)
            {
                return ActivationResult.TooManyWrong;
            }

            if (!_byCode.TryGetValue(code, out pending))
            {
                _wrong++;
                _wrongUntil = now + Lifetime;
                return ActivationResult.Unknown;
            }
        }

        deviceId = pending.DeviceId;
        if (!known.TryActivate(pending.DeviceId, pending.ClientId))
        {
            return ActivationResult.Full;
        }

        lock (_lock)
        {
            Remove(pending);
        }

        return ActivationResult.Done;
    }

    private void RemoveExpired()
    {
        DateTimeOffset before = time.GetUtcNow() - Lifetime;
        while (_byAge.TryPeek(out PendingActivation? oldest) && oldest.At <= before)
        {
            Remove(_byAge.Dequeue());
        }
    }

    /// <summary>Does nothing for one that was removed before.</summary>
    private void Remove(PendingActivation pending)
    {
        if (_byCode.GetValueOrDefault(pending.Code) != pending)
        {
            return;
        }

        _byCode.Remove(pending.Code);
        _byDevice.Remove((pending.DeviceId, pending.ClientId));
        if (--_perAddress[pending.Address] == 0)
        {
            _perAddress.Remove(pending.Address);
        }
    }
}
