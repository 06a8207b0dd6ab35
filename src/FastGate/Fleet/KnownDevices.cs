using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FastGate.Diagnostics;
using FastGate.Memory;
using Microsoft.Extensions.Logging;

namespace FastGate.Fleet;

/// <summary>
/// Devices that may get a token by OTA, each with the client id that it had first. Kept in the database. At the bound no device is added, so that invented ids
/// cannot push out a real one. Any thread.
/// </summary>
internal sealed class KnownDevices(IFleetStore store, ILogger log)
{
    public const int Capacity = 100_000;

    private readonly ConcurrentDictionary<string, long> _clients = new(StringComparer.Ordinal);
    private readonly Lock _saving = new();

    // Guarded by the lock.
    private List<KeyValuePair<string, long>> _unsaved = [];
    private bool _isSaving;

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

    /// <summary>Remembers the client id of a device that has none yet, and saves it on the pool. A database that fails loses it with the process.</summary>
    public void Remember(string deviceId, string clientId)
    {
        long client = HashOf(clientId);
        if (_clients.ContainsKey(deviceId) || _clients.Count >= Capacity || !_clients.TryAdd(deviceId, client))
        {
            return;
        }

        lock (_saving)
        {
            _unsaved.Add(new(deviceId, client));
            if (_isSaving)
            {
                return;
            }

            _isSaving = true;
        }

        _ = Task.Run(Save);
    }

    /// <summary>Replaces the client id of a device by an act of the operator. False at the bound. Throws what the store throws, and then nothing has changed.</summary>
    public bool TryActivate(string deviceId, string clientId)
    {
        if (!_clients.ContainsKey(deviceId) && _clients.Count >= Capacity)
        {
            return false;
        }

        long client = HashOf(clientId);
        store.SaveClients([new(deviceId, client)]);
        _clients[deviceId] = client;
        return true;
    }

    /// <summary>One transaction for all that has come while the one before was written.</summary>
    private void Save()
    {
        while (true)
        {
            List<KeyValuePair<string, long>> batch;
            lock (_saving)
            {
                if (_unsaved.Count == 0)
                {
                    _isSaving = false;
                    return;
                }

                (batch, _unsaved) = (_unsaved, []);
            }

            try
            {
                store.SaveClients(batch);
            }
            catch (MemoryStoreException exception)
            {
                log.ClientsNotSaved(exception.Message);
            }
        }
    }

    /// <summary>A client id is as good as a password for its device, so it is not kept itself.</summary>
    private static long HashOf(string clientId) => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(clientId.Trim().ToLowerInvariant())));
}
