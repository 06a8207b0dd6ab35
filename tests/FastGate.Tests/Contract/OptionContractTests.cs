using FastGate.Configuration.Loading;

namespace FastGate.Tests.Contract;

/// <summary>Pins the keys of the configuration and their types; ContractDefaultsTests pins the defaults.</summary>
public sealed class OptionContractTests
{
    [Fact]
    public void Keys_keep_their_name_and_type() => GoldenFile.AssertEqual(
        "option-keys.txt",
        OptionSchema.Keys.Values.Select(static key => $"{key.Path} {key.Type.Name}{(key.IsList ? " list" : "")}"));
}
