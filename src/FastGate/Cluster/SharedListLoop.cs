namespace FastGate.Cluster;

/// <summary>
/// Compares a list of this node with that in the engine: at the start, after each change, and once in a while, because a message may be lost. One loop, which
/// rests while the engine is away.
/// </summary>
internal sealed class SharedListLoop : IDisposable
{
    private readonly IClusterEngine _engine;
    private readonly ClusterMessages _messages;
    private readonly EngineLink _link;
    private readonly ClusterSettings _settings;
    private readonly char _changedKind;
    private readonly Func<Task> _compare;
    private readonly SemaphoreSlim _changed = new(0, 1);

    /// <param name="engine">Knows the other nodes.</param>
    /// <param name="messages">Carries the notices.</param>
    /// <param name="link">Whether the engine can be asked.</param>
    /// <param name="settings">How often to compare without a notice.</param>
    /// <param name="changedKind">The kind of message with which nodes notify each other of a change.</param>
    /// <param name="compare">Called by the loop; must not throw.</param>
    public SharedListLoop(IClusterEngine engine, ClusterMessages messages, EngineLink link, ClusterSettings settings, char changedKind, Func<Task> compare)
    {
        (_engine, _messages, _link, _settings, _changedKind, _compare) = (engine, messages, link, settings, changedKind, compare);
        messages.Handle(changedKind, ClusterJson.Default.SharedListChanged, _ => Look());
    }

    /// <summary>One of the two lists may have changed. Any thread.</summary>
    public void Look()
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

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (_link.IsUp)
            {
                await _compare();
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

    /// <summary>
    /// Tells the other nodes that the list in the engine has changed. A node that does not get the message looks within a minute. Throws
    /// <see cref="ClusterEngineException"/>.
    /// </summary>
    public async Task NotifyAsync()
    {
        foreach (NodeEntry node in await _engine.NodesAsync())
        {
            if (_link.Node is { } own && node.Load is not null && node.Name != own.Name)
            {
                await _messages.SendAsync(node.Name, _changedKind, new SharedListChanged(own.Name), ClusterJson.Default.SharedListChanged);
            }
        }
    }

    public void Dispose() => _changed.Dispose();
}
