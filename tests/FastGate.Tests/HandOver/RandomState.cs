using System.Reflection;
using System.Text;
using FastGate.HandOver;

namespace FastGate.Tests.HandOver;

/// <summary>
/// Random states of all records. It fills every property that a record has, so that a new one that the writer or the reader forgets fails a test.
/// </summary>
internal sealed class RandomState(int seed)
{
    private static readonly NullabilityInfoContext s_nullability = new();

    private readonly Random _random = new(seed);
    private int _descriptor = 3;

    public GatewayState Gateway() => (GatewayState)Record(typeof(GatewayState));

    public ConnectionState Connection() => (ConnectionState)Record(typeof(ConnectionState));

    public byte[] Bytes()
    {
        int length = _random.Next(12) switch
        {
            < 4 => 0,
            < 11 => _random.Next(40),
            _ => _random.Next(60_000),
        };
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private object Record(Type type)
    {
        if (type == typeof(ListenerState))
        {
            // A listener has a name of its own and at least one socket.
            return new ListenerState($"listener {_descriptor}{Text()}", [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _descriptor++)]);
        }

        if (type == typeof(PlaybackItemState))
        {
            // Either a sentence or a packet.
            return _random.Next(2) == 0 ? new PlaybackItemState(Text(), default) : new PlaybackItemState(null, Bytes());
        }

        ConstructorInfo constructor = type.GetConstructors().MaxBy(static candidate => candidate.GetParameters().Length)!;
        object record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.ParameterType, isNullable: false))]);
        foreach (PropertyInfo property in type.GetProperties())
        {
            bool isNullable = s_nullability.Create(property).ReadState == NullabilityState.Nullable;
            property.SetValue(record, property.Name == nameof(ConnectionState.Descriptor) ? _descriptor++ : Value(property.PropertyType, isNullable));
        }

        return record;
    }

    private object? Value(Type type, bool isNullable) => type switch
    {
        _ when isNullable && _random.Next(2) == 0 => null,
        _ when type == typeof(byte) => (byte)Number(),
        _ when type == typeof(bool) => _random.Next(2) == 0,
        _ when type == typeof(int) => (int)Number(),
        _ when type == typeof(uint) => (uint)Number(),
        _ when type == typeof(long) => Number(),
        _ when type == typeof(Guid) => _random.Next(4) == 0 ? Guid.Empty : Guid.NewGuid(),
        _ when type == typeof(string) => Text(),
        _ when type == typeof(ReadOnlyMemory<byte>) => (ReadOnlyMemory<byte>)Bytes(),
        _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => List(type.GetGenericArguments()[0]),
        _ when type.Namespace == typeof(GatewayState).Namespace => Record(type),
        _ => throw new NotSupportedException($"Write how a random {type} is made."),
    };

    private Array List(Type element)
    {
        var list = Array.CreateInstance(element, _random.Next(2) == 0 ? 0 : _random.Next(1, 6));
        for (int i = 0; i < list.Length; i++)
        {
            list.SetValue(Value(element, isNullable: false), i);
        }

        return list;
    }

    private long Number() => _random.Next(7) switch
    {
        0 => 0,
        1 => -1,
        2 => long.MaxValue,
        3 => long.MinValue,
        4 => _random.Next(256),
        5 => _random.Next(),
        _ => _random.NextInt64(),
    };

    private string Text()
    {
        var text = new StringBuilder();
        for (int i = _random.Next(3) == 0 ? 0 : _random.Next(20); i > 0; i--)
        {
            text.Append(_random.Next(4) switch
            {
                0 => "汉",
                1 => "🙂",
                2 => "\0",
                _ => ((char)_random.Next(32, 127)).ToString(),
            });
        }

        return text.ToString();
    }
}
