namespace FastGate.FunctionalTests.Clients;

public sealed class InstalledProgramsTests
{
    [Fact]
    public void Every_skip_reason_contains_a_command_that_installs_the_program() =>
        Assert.All(Enum.GetValues<RequiredProgram>(), static program => Assert.Contains("apt-get install ", InstalledPrograms.Reason(program), StringComparison.Ordinal));

    [Fact]
    public void Name_of_a_skipped_test_contains_class_method_and_reason() =>
        Assert.Equal("RealClientTests.Browser_converses (chromium is missing)", InstalledPrograms.NameOfSkipped("tests/RealClientTests.cs", "Browser_converses", "chromium is missing"));
}
