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
    private readonly ClusterMessages _messages;
    private readonly EngineLink _link;
    private readonly ClusterSettings _settings;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _changed = new(0, 1);

    /// <summary>Changes of this node that the engine has not got: at most one for each device that may have tags. Any thread.</summary>
    private readonly ConcurrentDictionary<string, string> _unsent = new(StringComparer.Ordinal);

    private volatile bool _comparesAll = true;

    // Owned by the loop.
    private long _seen;

    public SharedTags(IClusterEngine engine, ClusterMessages messages, EngineLink link, ClusterSettings settings, ILogger log)
    {
        (_engine, _messages, _link, _settings, _log) = (engine, messages, link, settings, log);
        messages.Handle(SharedTagSet.ChangedKind, ClusterJson.Default.SharedListChanged, _ => Look());
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
                await NotifyAsync();
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
        Look();
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (_link.IsUp)
            {
                await CompareAsync();
            }

            try
            {
                await _changed.WaitAsync(_settings.Verify, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose() => _changed.Dispose();

    private void Look()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already woken.
        }
    }

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
                await NotifyAsync();
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

    /// <summary>A node that does not get the message looks within a minute.</summary>
    private async Task NotifyAsync()
    {
        foreach (NodeEntry node in await _engine.NodesAsync())
        {
            if (_link.Node is { } own && node.Load is not null && node.Name != own.Name)
            {
                await _messages.SendAsync(node.Name, SharedTagSet.ChangedKind, new SharedListChanged(own.Name), ClusterJson.Default.SharedListChanged);
            }
        }
    }
}
