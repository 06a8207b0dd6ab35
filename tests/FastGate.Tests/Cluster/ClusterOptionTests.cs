using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Llm.Settings;

namespace FastGate.Tests.Cluster;

public sealed class ClusterOptionTests
{
    [Theory]
    [InlineData("redis.example:6379,password=abcd")]
    [InlineData("redis.example:6379,user=gateway,PASSWORD=abcd")]
    public void A_password_at_the_end_of_the_options_is_not_shown(string options) => Assert.Equal("***", LlmSecrets.Mask(options));

    [Theory]
    [InlineData("gw1:8000", true)]
    [InlineData("gw-1.example_2", true)]
    [InlineData("gw 1", false)]
    [InlineData("gw/1", false)]
    [InlineData("gw\n1", false)]
    [InlineData("", false)]
    public void The_name_of_a_node_can_be_a_part_of_keys(string name, bool isAllowed)
    {
        var options = new GatewayOptions { Cluster = new ClusterOptions { Redis = "redis:6379", Node = name } };
        Assert.Equal(isAllowed, GatewayOptionsValidator.FailuresOf(options).Count == 0);
    }
}
