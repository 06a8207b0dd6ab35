using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.HandOver;

/// <summary>Access to the features of a hand-over.</summary>
public static class HandOverFeatures
{
    /// <summary>
    /// <see cref="IDetachableConnection"/> or <see cref="IAdoptedConnection"/> of a connection. Both transports implement them on the connection
    /// itself; asking for them here does not create the collection of features, which would cost memory for every idle connection.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <typeparam name="T">The feature.</typeparam>
    /// <returns>The feature, or null.</returns>
    public static T? Find<T>(this ConnectionContext connection)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection as T ?? (connection is IDetachableConnection ? null : connection.Features.Get<T>());
    }
}
