using FastGate.Configuration.Options;
using FastGate.Registry;
using FsCheck;
using FsCheck.Fluent;

namespace FastGate.Tests.Registry;

/// <summary>The registry against a dictionary, over random operations of one thread.</summary>
public sealed class RegistryModelTests
{
    private const int Capacity = 300;
    private const int Ids = 400;

    [Theory]
    [InlineData(DuplicateDevicePolicy.Replace)]
    [InlineData(DuplicateDevicePolicy.Reject)]
    internal void The_registry_equals_a_dictionary(DuplicateDevicePolicy policy)
    {
        Gen<int[]> operations = Gen.Choose(0, int.MaxValue).ArrayOf(3000);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(operations.ToArbitrary(), o => Equal(o, policy)));
    }

    private static bool Equal(int[] operations, DuplicateDevicePolicy policy)
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(Capacity, policy);
        var model = new Dictionary<string, RegisteredConnection>();
        var known = new List<RegisteredConnection>();
        for (int i = 0; i < operations.Length; i++)
        {
            // Waves, so that the table grows and shrinks: mostly coming, then mostly going.
            bool coming = i / 500 % 2 == 0;
            int operation = operations[i];
            string id = $"device-{operation / 16 % Ids}";
            RegisteredConnection? current = model.GetValueOrDefault(id);
            bool agrees = (operation % 16) switch
            {
                < 8 when coming => Register(),
                < 8 => current is null ? registry.Find(id) is null : Remove(current),
                8 => Register(),
                9 => known.Count == 0 || Remove(known[operation / 16 % known.Count]),
                _ => registry.Find(id) == current,
            };
            if (!agrees || registry.Count != model.Count)
            {
                return false;
            }

            bool Register()
            {
                var newcomer = new RegisteredConnection(id);
                known.Add(newcomer);
                RegistrationResult expected = current is null
                    ? model.Count == Capacity ? RegistrationResult.Full : RegistrationResult.Added
                    : policy == DuplicateDevicePolicy.Replace ? RegistrationResult.Replaced : RegistrationResult.Rejected;
                RegistrationResult result = registry.Register(newcomer, out RegisteredConnection? displaced);
                if (expected is RegistrationResult.Added or RegistrationResult.Replaced)
                {
                    model[id] = newcomer;
                }

                return result == expected && displaced == (expected == RegistrationResult.Replaced ? current : null);
            }

            bool Remove(RegisteredConnection connection)
            {
                bool expected = model.GetValueOrDefault(connection.DeviceId) == connection;
                if (expected)
                {
                    model.Remove(connection.DeviceId);
                }

                return registry.Remove(connection) == expected;
            }
        }

        var met = new List<RegisteredConnection>();
        foreach (RegisteredConnection connection in registry)
        {
            met.Add(connection);
        }

        return met.Count == model.Count && met.All(connection => model[connection.DeviceId] == connection);
    }
}
