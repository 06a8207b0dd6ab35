namespace FastGate.Registry;

/// <summary>Shows a registry whose connections are all claimed.</summary>
internal sealed class ClaimedConnections<T>(ConnectionRegistry<T> registry) : IClaimedConnections
    where T : class, IRegisteredConnection
{
    public int Count => registry.Count;

    public IClaimedConnection? Find(string deviceId) => registry.Find(deviceId) as IClaimedConnection;

    public bool Remove(IClaimedConnection connection) => registry.Remove((T)connection);

    public IEnumerator<IClaimedConnection> GetEnumerator()
    {
        foreach (T connection in registry)
        {
            yield return (IClaimedConnection)connection;
        }
    }
}
