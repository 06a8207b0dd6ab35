using static FastGate.Tests.Registry.RegistryOperationKind;

namespace FastGate.Tests.Registry;

/// <summary>The checker accepts valid histories and rejects invalid ones.</summary>
public sealed class LinearizabilityCheckerTests
{
    private static readonly RegisteredConnection s_one = new("device");
    private static readonly RegisteredConnection s_two = new("device");

    [Fact]
    public void A_valid_sequence_passes() => Assert.True(LinearizabilityChecker.IsLinearizable(
    [
        new(Find, null, null, 1, 2),
        new(Register, s_one, null, 3, 4),
        new(Register, s_two, s_one, 5, 6),
        new(Remove, s_one, null, 7, 8),
        new(Find, null, s_two, 9, 10),
        new(Remove, s_two, s_two, 11, 12),
        new(Find, null, null, 13, 14),
    ]));

    [Fact]
    public void Overlapping_operations_may_take_effect_in_either_order() => Assert.True(LinearizabilityChecker.IsLinearizable(
    [
        new(Register, s_one, s_two, 1, 10),
        new(Register, s_two, null, 2, 9),
        new(Find, null, s_one, 11, 12),
    ]));

    [Fact]
    public void Finding_a_replaced_connection_fails() => Assert.False(LinearizabilityChecker.IsLinearizable(
    [
        new(Register, s_one, null, 1, 2),
        new(Register, s_two, s_one, 3, 4),
        new(Find, null, s_one, 5, 6),
    ]));

    [Fact]
    public void Two_registrations_that_both_find_no_predecessor_fail() => Assert.False(LinearizabilityChecker.IsLinearizable(
    [
        new(Register, s_one, null, 1, 10),
        new(Register, s_two, null, 2, 9),
    ]));

    [Fact]
    public void Removing_a_displaced_connection_fails() => Assert.False(LinearizabilityChecker.IsLinearizable(
    [
        new(Register, s_one, null, 1, 2),
        new(Register, s_two, s_one, 3, 10),
        new(Remove, s_one, s_one, 4, 9),
        new(Find, null, null, 11, 12),
    ]));

    [Fact]
    public void A_lookup_that_reverts_an_earlier_one_fails() => Assert.False(LinearizabilityChecker.IsLinearizable(
    [
        new(Register, s_one, null, 1, 20),
        new(Find, null, s_one, 2, 3),
        new(Find, null, null, 4, 5),
    ]));
}
