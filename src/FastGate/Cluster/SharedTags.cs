using System.Collections.Concurrent;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Keeps the tags of this node equal to those in the engine: it reads what has changed since it looked last, after each change and once in a while, because
/// a message may be lost. All of them are compared at the start and when the engine may have lost some. Changes that the engine has not got are sent when it
/// is back. One loop; devices and filters use the tags of the node.
/// </summary>
internal sealed class SharedTags : IDisposable
{
    private const int Page = 1_000;

    private readonly IClusterEngine _engine;
    private readonly EngineLink _link;
    private readonly ILogger _log;
    private readonly SharedListLoop _loop;

    /// <summary>Changes of this node that the engine has not got: at most one for each device that may have tags. Any thread.</summary>
    private readonly ConcurrentDictionary<string, string> _unsent = new(StringComparer.Ordinal);

    private volatile bool _comparesAll = true;

    // Owned by the loop.
    private long _seen;

    public SharedTags(IClusterEngine engine, ClusterMessages messages, EngineLink link, ClusterSettings settings, ILogger log)
    {
        (_engine, _link, _log) = (engine, link, log);
        _loop = new SharedListLoop(engine, messages, link, settings, SharedTagSet.ChangedKind, CompareAsync);
    }

    /// <summary>Takes over what the engine has. Called by the loop. Set before the start.</summary>
    public Action<IReadOnlyList<SharedTagSet>> TakeOver { get; set; } = static _ => { };

    /// <summary>The tags of this node. Called by the loop. Set before the start.</summary>
    public Func<IEnumerable<(string Device, string Tags)>> Own { get; set; } = static () => [];

    /// <summary>Why other nodes do not get changes now; null while they do.</summary>
    public string? Unavailable => _link.Reason;

    /// <summary>The tags of a device were changed here. False when the other nodes get them later. Any thread.</summary>
    public async Task<bool> PutAsync(string device, string tags)
    {
        _unsent[device] = tags;
        try
        {
            if (_link.IsUp)
            {
                await SendAsync([new(device, tags)]);
                await _loop.NotifyAsync();
                return true;
            }
        }
        catch (ClusterEngineException exception)
        {
            _log.TagsNotShared(exception.Message);
        }

        return false;
    }

    /// <summary>The engine may have lost tags. Any thread.</summary>
    public void CompareAll()
    {
        _comparesAll = true;
        _loop.Look();
    }

    public Task RunAsync(CancellationToken stop) => _loop.RunAsync(stop);

    public void Dispose() => _loop.Dispose();

    private async Task CompareAsync()
    {
        bool comparesAll = _comparesAll;
        _comparesAll = false;
        try
        {
            bool hasSent = false;
            foreach (KeyValuePair<string, string>[] chunk in _unsent.ToArray().Chunk(Page))
            {
                await SendAsync(chunk);
                hasSent = true;
            }

            _seen = comparesAll ? 0 : _seen;
            HashSet<string> shared = new(StringComparer.Ordinal);
            for (IReadOnlyList<SharedTagSet> page; (page = await _engine.TagsAsync(_seen, Page)).Count > 0; _seen = page[^1].Version)
            {
                // A change of this node is newer, and is sent the next time.
                TakeOver([.. page.Where(set => !_unsent.ContainsKey(set.Device))]);
                if (comparesAll)
                {
                    shared.UnionWith(page.Select(static set => set.Device));
                }
            }

            if (comparesAll)
            {
                foreach ((string Device, string Tags)[] chunk in Own().Where(own => !shared.Contains(own.Device)).Chunk(Page))
                {
                    await _engine.PutTagsAsync(chunk, onlyNew: true);
                    hasSent = true;
                }
            }

            if (hasSent)
            {
                await _loop.NotifyAsync();
            }
        }
        catch (ClusterEngineException exception)
        {
            _comparesAll |= comparesAll;
            _log.TagsNotShared(exception.Message);
        }
    }

    private async Task SendAsync(IReadOnlyList<KeyValuePair<string, string>> changes)
    {
        await _engine.PutTagsAsync([.. changes.Select(static change => (change.Key, change.Value))], onlyNew: false);
        foreach (KeyValuePair<string, string> change in changes)
        {
            // Not a later change.
            _unsent.TryRemove(change);
        }
    }
}
