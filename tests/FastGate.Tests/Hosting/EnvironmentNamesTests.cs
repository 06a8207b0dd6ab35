using FastGate.Hosting;

namespace FastGate.Tests.Hosting;

public sealed class EnvironmentNamesTests
{
    [Theory]
    [InlineData("FASTGATE_ADMIN_TOKEN", "FastGate__Admin__Token")]
    [InlineData("FastGate_Devices__Listen", "FastGate__Devices__Listen")]
    [InlineData("fastgate_devices_lisen", "FastGate__Devices__Listen")]
    [InlineData("FastGate__Devices__Lisen", null)]
    [InlineData("FASTGATE_CONFIG_FOLDER", null)]
    [InlineData("FASTGATE_STATE", null)]
    [InlineData("FASTGATE_", null)]
    [InlineData("FASTGATES_DEVICES_LISTEN", null)]
    [InlineData("PATH", null)]
    public void Variables_with_one_underscore_are_reported_with_the_nearest_key(string name, string? nearest) =>
        Assert.Equal(nearest, EnvironmentNames.FindUnknown([name]).Select(static unknown => unknown.Nearest).SingleOrDefault());
}
