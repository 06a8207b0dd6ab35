using FastGate.Registry;

namespace FastGate.Cluster;

/// <summary>A call to the engine and the connections that it is about.</summary>
internal sealed class ClaimCall(int capacity)
{
    public List<IClaimedConnection> Connections { get; } = new(capacity);

    public List<ClaimRequest> Requests { get; } = new(capacity);

    public long SentAt { get; set; }

    public Task<long[]> Answer { get; set; } = Task.FromResult(Array.Empty<long>());

    public void Add(IClaimedConnection connection, in ClaimRequest request)
    {
        Connections.Add(connection);
        Requests.Add(request);
    }
}
