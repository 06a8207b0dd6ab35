using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Fleet;

/// <summary>
/// Devices that may get a token by OTA, each with the client id that it had first. Kept in the database. At the bound no device is added, so that invented ids
/// cannot push out a real one. Any thread.
/// </summary>
internal sealed class KnownDevices(IFleetStore store, TimeProvider time, ILogger log) : IDisposable
{
    public const int Capacity = 100_000;

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _clients = new(StringComparer.Ordinal);

    /// <summary>Held while the database is written, so that an older client id never replaces that of an activation.</summary>
    private readonly Lock _writing = new();
    private readonly Lock _lock = new();

    // Guarded by _lock, which may be taken while _writing is held. Each device waits at most once, because it is remembered once.
    private List<string> _unsaved = [];
    private bool _isSaving;
    private bool _isFailing;
    private bool _isEnded;

    public int Count => _clients.Count;

    /// <summary>Before the first request.</summary>
    public void Load(IEnumerable<KeyValuePair<string, long>> clients)
    {
        foreach ((string device, long client) in clients)
        {
            _clients.TryAdd(device, client);
        }
    }

    /// <param name="deviceId">Normalised.</param>
    /// <param name="clientId">As the device sends it.</param>
    public bool IsKnown(string deviceId, string clientId) => _clients.TryGetValue(deviceId, out long client) && client == HashOf(clientId);

    /// <summary>
    /// Remembers the client id of a device that has none yet, and saves it on the pool. While the database fails, it is known to this process and saved
    /// again and again.
    /// </summary>
    public void Remember(string deviceId, string clientId)
    {
        if (_clients.ContainsKey(deviceId) || _clients.Count >= Capacity || !_clients.TryAdd(deviceId, HashOf(clientId)))
        {
            return;
        }

        lock (_lock)
        {
            if (!_isEnded)
            {
                _unsaved.Add(deviceId);
            }

            if (_isSaving || _isEnded)
            {
                return;
            }

            _isSaving = true;
        }

        _ = Task.Run(SaveAsync);
    }

    /// <summary>Replaces the client id of a device by an act of the operator. False at the bound. Throws what the store throws, and then nothing has changed.</summary>
    public bool TryActivate(string deviceId, string clientId)
    {
        if (!_clients.ContainsKey(deviceId) && _clients.Count >= Capacity)
        {
            return false;
        }

        long client = HashOf(clientId);
        lock (_writing)
        {
            store.SaveClients([new(deviceId, client)]);
            _clients[deviceId] = client;
        }

        return true;
    }

    /// <summary>Saves what waits, once.</summary>
    public Task FlushAsync() => Task.Run(TrySave);

    /// <summary>Saves nothing any more: another process may use the database.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
            _unsaved = [];
        }
    }

    private async Task SaveAsync()
    {
        while (true)
        {
            if (!TrySave())
            {
                await Task.Delay(s_retryAfter, time);
            }

            lock (_lock)
            {
                if (_unsaved.Count == 0)
                {
                    _isSaving = false;
                    return;
                }
            }
        }
    }

    /// <summary>One transaction for all that waits. False when the database fails.</summary>
    private bool TrySave()
    {
        lock (_writing)
        {
            List<string> batch;
            lock (_lock)
            {
                (batch, _unsaved) = (_unsaved, []);
            }

            try
            {
                if (batch.Count > 0)
                {
                    store.SaveClients([.. batch.Select(device => new KeyValuePair<string, long>(device, _clients[device]))]);
                    lock (_lock)
                    {
                        _isFailing = false;
                    }
                }

                return true;
            }
            catch (Exception exception)
            {
                // Whatever it is, the devices must be saved by the next attempt.
                PutBack(batch, exception);
                return false;
            }
        }
    }

    private void PutBack(List<string> batch, Exception failure)
    {
        bool isNew;
        lock (_lock)
        {
            if (!_isEnded)
            {
                _unsaved.AddRange(batch);
            }

            (isNew, _isFailing) = (!_isFailing, true);
        }

        if (isNew)
        {
            log.ClientsNotSaved(failure.Message);
        }
    }

    /// <summary>A client id is as good as a password for its device, so it is not kept itself.</summary>
    private static long HashOf(string clientId) => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(clientId.Trim().ToLowerInvariant())));
}
