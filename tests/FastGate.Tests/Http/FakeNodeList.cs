using FastGate.Cluster;
using FastGate.Http.Admin;
using FastGate.Tests.Cluster;

namespace FastGate.Tests.Http;

/// <summary>A node that only says whether it drains.</summary>
internal sealed class FakeNodeList(string name) : INodeList
{
    public NodeStatus? Status => new(name, null, 0);

    /// <summary>Rate and restart of the drain that runs.</summary>
    public (int Rate, bool? Reboot)? Drains { get; private set; }

    /// <summary>Why it does not drain.</summary>
    public string? Refusal { get; set; }

    public Task<NodePage> ReadAsync() => Task.FromResult(new NodePage(name, null, [Report()]));

    public Task<NodeReport> DrainAsync(int rate, bool? reboot)
    {
        if (Refusal is not null)
        {
            throw new AdminProblemException(409, Refusal);
        }

        Drains = (rate, reboot);
        return Task.FromResult(Report());
    }

    public Task<NodeReport> EndDrainAsync()
    {
        Drains = null;
        return Task.FromResult(Report());
    }

    private NodeReport Report() => new(name, true, 0, TestNode.Load with { Draining = Drains is not null });
}
