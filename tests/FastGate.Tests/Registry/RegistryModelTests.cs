using FastGate.Registry;
using FsCheck;
using FsCheck.Fluent;

namespace FastGate.Tests.Registry;

/// <summary>Compares the registry with a dictionary over random operations of one thread.</summary>
public sealed class RegistryModelTests
{
    private const int Capacity = 300;
    private const int Ids = 400;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_registry_behaves_like_a_dictionary(bool replace)
    {
        Gen<int[]> operations = Gen.Choose(0, int.MaxValue).ArrayOf(3000);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(operations.ToArbitrary(), o => Equal(o, replace)));
    }

    private static bool Equal(int[] operations, bool replace)
    {
        var registry = new ConnectionRegistry<RegisteredConnection>(Capacity, replace);
        var model = new Dictionary<string, RegisteredConnection>();
        var known = new List<RegisteredConnection>();
        for (int i = 0; i < operations.Length; i++)
        {
            // In waves, so that the table grows and shrinks: mostly registrations, then mostly removals.
            bool growing = i / 500 % 2 == 0;
            int operation = operations[i];
            string id = $"device-{operation / 16 % Ids}";
            RegisteredConnection? current = model.GetValueOrDefault(id);
            bool agrees = (operation % 16) switch
            {
                < 8 when growing => Register(),
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
                var connection = new RegisteredConnection(id);
                known.Add(connection);
                RegistrationResult expected = current is null
                    ? model.Count == Capacity ? RegistrationResult.Full : RegistrationResult.Added
                    : replace ? RegistrationResult.Replaced : RegistrationResult.Rejected;
                RegistrationResult result = registry.Register(connection, out RegisteredConnection? displaced);
                if (expected is RegistrationResult.Added or RegistrationResult.Replaced)
                {
                    model[id] = connection;
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

        var enumerated = new List<RegisteredConnection>();
        foreach (RegisteredConnection connection in registry)
        {
            enumerated.Add(connection);
        }

        return enumerated.Count == model.Count && enumerated.All(connection => model[connection.DeviceId] == connection);
    }
}
