using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Messages between nodes: a letter for the kind, and JSON. A message may be lost, and two may arrive in another order; what a message causes is
/// therefore repaired by other means or acknowledged. Handlers are set before the first message.
/// </summary>
internal sealed class ClusterMessages(IClusterEngine engine, ILogger log)
{
    private readonly Dictionary<char, Action<string>> _handlers = [];

    /// <param name="kind">The letter.</param>
    /// <param name="type">Of the message.</param>
    /// <param name="handle">Called by any thread; must not wait.</param>
    public void Handle<T>(char kind, JsonTypeInfo<T> type, Action<T> handle)
        where T : class =>
        _handlers.Add(kind, json =>
        {
            if (JsonSerializer.Deserialize(json, type) is { } message)
            {
                handle(message);
            }
        });

    /// <summary>Sends a message to a node, and returns how many processes have received it: 0 when the node is not there.</summary>
    public Task<long> SendAsync<T>(string node, char kind, T message, JsonTypeInfo<T> type) =>
        engine.PublishAsync(node, string.Concat([kind], JsonSerializer.Serialize(message, type)));

    /// <summary>A message of this node's channel. A kind of a later version is ignored.</summary>
    public void Receive(string text)
    {
        if (text.Length == 0 || !_handlers.TryGetValue(text[0], out Action<string>? handle))
        {
            return;
        }

        try
        {
            handle(text[1..]);
        }
        catch (JsonException exception)
        {
            log.ClusterMessageUnreadable(text[0], exception.Message);
        }
    }
}
