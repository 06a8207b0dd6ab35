using System.Reflection;
using FastGate.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Contract;

/// <summary>Pins the id and level of every log message. Alerts and log filters select by them.</summary>
public sealed class EventIdContractTests
{
    private static readonly LoggerMessageAttribute[] s_messages = [.. AppDomain.CurrentDomain.GetAssemblies()
        .Append(typeof(DeviceConnection).Assembly)
        .Where(static assembly => assembly.GetName().Name is "FastGate" or "FastGate.Transport")
        .Distinct()
        .SelectMany(static assembly => assembly.GetTypes())
        .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .SelectMany(static method => method.GetCustomAttributes<LoggerMessageAttribute>())];

    [Fact]
    public void Event_ids_are_unique()
    {
        Assert.Empty(s_messages.GroupBy(static message => message.EventId).Where(static group => group.Count() > 1).Select(static group => group.Key));
    }

    [Fact]
    public void Event_ids_keep_their_level() =>
        GoldenFile.AssertEqual("event-ids.txt", s_messages.Select(static message => $"{message.EventId} {message.Level}"));
}
