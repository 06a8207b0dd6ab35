using FastGate.CommandLine.Parsing;

namespace FastGate.Tests.CommandLine;

public sealed class SettingArgumentsTests
{
    private static readonly string[] s_commands = ["healthcheck", "config", "help"];

    [Theory]
    [InlineData("")]
    [InlineData("--FastGate:Devices:Listen=0.0.0.0:9000")]
    [InlineData("--FastGate:Devices:Listen 0.0.0.0:9000")]
    [InlineData("/FastGate:Devices:Listen=0.0.0.0:9000")]
    [InlineData("/FastGate:Devices:Listen 0.0.0.0:9000")]
    [InlineData("FastGate:Devices:Listen=0.0.0.0:9000")]
    [InlineData("--fastgate:devices:LISTEN=0.0.0.0:9000")]
    [InlineData("--FastGate:Admin:Token=")]
    [InlineData("--FastGate:Admin:Token=a=b")]
    [InlineData("--FastGate:Management:Secret healthchek")]
    [InlineData("--FastGate:Session:WakeupWords:0=hello")]
    [InlineData("--FastGate:Llm:Providers:mine:Anything=1")]
    [InlineData("--FastGate:Llm:ByMode:chat=mine")]
    [InlineData("--Logging:LogLevel:FastGate=Debug")]
    [InlineData("--Logging:Console:Format json")]
    [InlineData("--environment Development --contentRoot . --applicationName x")]
    public void Settings_that_something_reads_are_accepted(string line) => Assert.Null(SettingArguments.FindError(Split(line), s_commands));

    [Theory]
    [InlineData("serve", "Unknown command \"serve\". The commands are healthcheck, config, help; without a command FastGate serves.")]
    [InlineData("healthchek", "Unknown command \"healthchek\". Did you mean \"healthcheck\"?")]
    [InlineData("HealthCheck", "Unknown command \"HealthCheck\". Did you mean \"healthcheck\"?")]
    [InlineData("--FastGate:Devices:Listen 1:1 confg", "Unknown command \"confg\". Did you mean \"config\"?")]
    [InlineData("--port 9000", "Unknown option \"--port\". Did you mean --FastGate:Devices:Listen?")]
    [InlineData("--port=9000", "Unknown option \"--port\". Did you mean --FastGate:Devices:Listen?")]
    [InlineData("-p 9000", "Unknown option \"-p\". Did you mean --FastGate:Devices:Listen?")]
    [InlineData("--urls http://+:80", "Unknown option \"--urls\". Did you mean --FastGate:Http:Listen?")]
    [InlineData("--config my.yaml", "Unknown option \"--config\". Did you mean --FastGate:Config?")]
    [InlineData("-FastGate:Devices:Listen=1:1", "Unknown option \"-FastGate:Devices:Listen\". Options begin with two dashes: --FastGate:Devices:Listen")]
    [InlineData("--FastGate:Devices:Lisen=1:1", "Unknown option \"--FastGate:Devices:Lisen\". Did you mean --FastGate:Devices:Listen?")]
    [InlineData("--FastGate:Devces:Listen 1:1", "Unknown option \"--FastGate:Devces:Listen\". Did you mean --FastGate:Devices:Listen?")]
    [InlineData("--Devices:Listen=1:1", "Unknown option \"--Devices:Listen\". Did you mean --FastGate:Devices:Listen?")]
    [InlineData("--FastGat:Admin:Token=secret-token", "Unknown option \"--FastGat:Admin:Token\". Did you mean --FastGate:Admin:Token?")]
    [InlineData("--hlep", "Unknown option \"--hlep\". Did you mean --help?")]
    [InlineData("--verbose", "Unknown option \"--verbose\". Settings have the form --FastGate:Section:Key=value.")]
    [InlineData("--", "Unknown option \"--\". Settings have the form --FastGate:Section:Key=value.")]
    [InlineData("--FastGate:Devices:Listen", "Option \"--FastGate:Devices:Listen\" has no value. Write --FastGate:Devices:Listen=value.")]
    [InlineData("--FastGate:Devices:Listen --FastGate:Http:Listen=1:1", "Option \"--FastGate:Devices:Listen\" has no value. Write --FastGate:Devices:Listen=value.")]
    public void The_first_other_argument_is_named_with_the_nearest_name(string line, string error) =>
        Assert.Equal(error, SettingArguments.FindError(Split(line), s_commands));

    [Theory]
    [InlineData("status", "", "status")]
    [InlineData("--FastGate:Config status", "--FastGate:Config status", "")]
    [InlineData("devices show aa:bb:cc:dd:ee:ff --json", "", "devices show aa:bb:cc:dd:ee:ff --json")]
    [InlineData("--FastGate:Admin:Listen=1:1 status --json", "--FastGate:Admin:Listen=1:1", "status --json")]
    [InlineData("status /FastGate:Admin:Listen 1:1 FastGate:Http:Listen=1:1", "/FastGate:Admin:Listen 1:1 FastGate:Http:Listen=1:1", "status")]
    [InlineData("--environment Development --port 9000", "--environment Development", "--port 9000")]
    [InlineData("command send x --raw {\"url\":\"a=b\"} --output /tmp/a:b=c", "", "command send x --raw {\"url\":\"a=b\"} --output /tmp/a:b=c")]
    [InlineData("--take-over /run/x.sock --FastGate:Http:Listen=1:1", "--FastGate:Http:Listen=1:1", "--take-over /run/x.sock")]
    public void Settings_are_separated_from_the_words_of_a_command(string line, string settings, string words)
    {
        (string[] foundSettings, string[] foundWords) = SettingArguments.Split(Split(line));
        Assert.Equal((settings, words), (string.Join(' ', foundSettings), string.Join(' ', foundWords)));
    }

    private static string[] Split(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
