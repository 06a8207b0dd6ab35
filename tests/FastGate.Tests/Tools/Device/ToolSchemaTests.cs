using System.Text.Json;
using FastGate.Tools.Device;

namespace FastGate.Tests.Tools.Device;

public sealed class ToolSchemaTests
{
    private const string NoArguments = """{"type":"object","properties":{}}""";

    [Theory]
    [InlineData("{}", NoArguments)]
    [InlineData("""{"inputSchema":null}""", NoArguments)]
    [InlineData("""{"inputSchema":[]}""", NoArguments)]
    [InlineData("""{"inputSchema":{}}""", NoArguments)]
    [InlineData("""{"inputSchema":{"type":"object"}}""", NoArguments)]
    [InlineData("""{"inputSchema":{"type":"string"}}""", NoArguments)]
    [InlineData("""{"inputSchema":{"properties":null,"required":null}}""", NoArguments)]
    [InlineData("""{"inputSchema":{"properties":{"a":{"type":"string"}},"required":["a","b",7,"a"],"$schema":"x","oneOf":[]}}""", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""")]
    [InlineData("""{"inputSchema":{"properties":{"开":{"type":"string"},"":{},"ok":{}},"required":["开"]}}""", """{"type":"object","properties":{"ok":{"type":"string"}}}""")]
    [InlineData("""{"parameters":{"properties":{"a":{"type":"number"}}}}""", """{"type":"object","properties":{"a":{"type":"number"}}}""")]
    public void The_top_is_an_object(string tool, string expected) => Assert.Equal(expected, OfTool(tool));

    [Theory]
    [InlineData("""{"type":"integer","minimum":0,"maximum":100}""", """{"type":"integer","minimum":0,"maximum":100}""")]
    [InlineData("""{"type":"Int","minimum":"5","maximum":"x"}""", """{"type":"integer","minimum":5}""")]
    [InlineData("""{"type":"integer","minimum":9,"maximum":1}""", """{"type":"integer"}""")]
    [InlineData("""{"type":"integer","minimum":1e400}""", """{"type":"integer"}""")]
    [InlineData("""{"minimum":0}""", """{"type":"number","minimum":0}""")]
    [InlineData("""{"type":"string","minimum":0}""", """{"type":"string"}""")]
    [InlineData("""{"type":"bool","default":false}""", """{"type":"boolean","default":false}""")]
    [InlineData("""{"type":"boolean","default":"yes"}""", """{"type":"boolean"}""")]
    [InlineData("""{"type":["null","integer"]}""", """{"type":"integer"}""")]
    [InlineData("""{"type":[]}""", """{"type":"string"}""")]
    [InlineData("""{"type":"color"}""", """{"type":"string"}""")]
    [InlineData("""{"type":7}""", """{"type":"string"}""")]
    [InlineData("""{}""", """{"type":"string"}""")]
    [InlineData("""true""", """{"type":"string"}""")]
    [InlineData("\"integer\"", """{"type":"integer"}""")]
    [InlineData("""{"type":"string","enum":["light","dark",3],"required":true,"description":"主题"}""", """{"type":"string","description":"主题","enum":["light","dark"]}""")]
    [InlineData("""{"type":"string","enum":[]}""", """{"type":"string"}""")]
    [InlineData("""{"type":"array"}""", """{"type":"array","items":{"type":"string"}}""")]
    [InlineData("""{"items":{"type":"integer"},"maxItems":3}""", """{"type":"array","maxItems":3,"items":{"type":"integer"}}""")]
    [InlineData("""{"properties":{"r":{"type":"uint8"}},"required":["r"]}""", """{"type":"object","properties":{"r":{"type":"integer"}},"required":["r"]}""")]
    public void Properties_get_types_and_sound_bounds(string property, string expected) => Assert.Equal(
        $$$$"""{"type":"object","properties":{"p":{{{{expected}}}}}}""",
        OfTool($$$$"""{"inputSchema":{"type":"object","properties":{"p":{{{{property}}}}}}}"""));

    [Fact]
    public void Of_a_repeated_property_the_last_counts() => Assert.Equal(
        """{"type":"object","properties":{"a":{"type":"boolean"}}}""",
        OfTool("""{"inputSchema":{"properties":{"a":{"type":"integer"},"a":{"type":"boolean"}}}}"""));

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 50)) + "{}" + new string('}', 50);
        Assert.InRange(OfTool($$$$"""{"inputSchema":{"properties":{"a":{{{{deep}}}}}}}""")!.Length, 1, 400);

        string many = string.Join(',', Enumerable.Range(0, 1_000).Select(static i => $$"""
            "p{{i}}":{"type":"string"}
            """));
        Assert.Null(OfTool($$$$"""{"inputSchema":{"properties":{ {{{{many}}}} }}}"""));
    }

    [Theory]
    [InlineData("""{"parameters":{"volume":{"description":"0-100","type":"number"}}}""", """{"type":"object","properties":{"volume":{"type":"number","description":"0-100"}},"required":["volume"]}""")]
    [InlineData("""{"parameters":[{"name":"volume","description":"0-100","type":"number"},{"type":"number"},7]}""", """{"type":"object","properties":{"volume":{"type":"number","description":"0-100"}},"required":["volume"]}""")]
    [InlineData("""{"parameters":{}}""", NoArguments)]
    [InlineData("""{"parameters":"none"}""", NoArguments)]
    [InlineData("{}", NoArguments)]
    [InlineData("null", NoArguments)]
    public void Parameters_of_iot_methods_become_a_schema(string method, string expected) =>
        Assert.Equal(expected, ToolSchema.OfMethod(JsonElement.Parse(method))?.GetRawText());

    private static string? OfTool(string tool) => ToolSchema.OfTool(JsonElement.Parse(tool))?.GetRawText();
}
