using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.Conversation.Tools;

namespace FastGate.Tests.Conversation.Tools;

public sealed class ArgumentCheckTests
{
    private const string Volume = """{"type":"object","properties":{"v":{"type":"integer","minimum":0,"maximum":100}},"required":["v"]}""";
    private const string Closed = """{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""";
    private const string Nested = """{"type":"object","properties":{"o":{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}}}""";
    private const string List = """{"type":"object","properties":{"l":{"type":"array","items":{"type":"integer"},"maxItems":2}}}""";
    private const string Either = """{"type":"object","properties":{"e":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}""";

    [Theory]
    [InlineData(Volume, """{"v":5}""", """{"v":5}""")]
    [InlineData(Volume, """{"v":"5"}""", """{"v":5}""")]
    [InlineData(Volume, """{"v":5.0}""", """{"v":5}""")]
    [InlineData(Volume, """{"v":0}""", """{"v":0}""")]
    [InlineData(Volume, """{"v":100,"x":1}""", """{"v":100,"x":1}""")]
    [InlineData(Closed, """{"a":7}""", """{"a":"7"}""")]
    [InlineData(Closed, """{"a":null}""", "{}")]
    [InlineData(Nested, """{"o":{"n":"1.5"}}""", """{"o":{"n":1.5}}""")]
    [InlineData(List, """{"l":["1",2]}""", """{"l":[1,2]}""")]
    [InlineData(Either, """{"e":null}""", """{"e":null}""")]
    [InlineData(Either, """{"e":"3"}""", """{"e":3}""")]
    [InlineData("""{"type":"object","properties":{"b":{"type":"boolean"}}}""", """{"b":"True"}""", """{"b":true}""")]
    [InlineData("""{"type":"object","properties":{"e":{"enum":[1,"x",null]}}}""", """{"e":1.0}""", """{"e":1.0}""")]
    [InlineData("""{"type":"object","properties":{"t":{"type":["string","null"]}}}""", """{"t":null}""", """{"t":null}""")]
    [InlineData("""{"type":"object","properties":{"r":{"$ref":"#/$defs/x"}}}""", """{"r":[1]}""", """{"r":[1]}""")]
    [InlineData("{}", """{"anything":1}""", """{"anything":1}""")]
    [InlineData("true", """{"anything":1}""", """{"anything":1}""")]
    [InlineData("""{"properties":7,"required":{}}""", """{"anything":1}""", """{"anything":1}""")]
    public void Fitting_arguments_are_accepted_and_converted(string schema, string arguments, string expected)
    {
        JsonObject values = JsonNode.Parse(arguments)!.AsObject();
        Assert.Null(ArgumentCheck.Check(JsonElement.Parse(schema), values));
        Assert.Equal(expected, values.ToJsonString());
    }

    [Theory]
    [InlineData(Volume, "{}", "the argument 'v' is missing")]
    [InlineData(Volume, """{"v":null}""", "the argument 'v' must be integer")]
    [InlineData(Volume, """{"v":"loud"}""", "the argument 'v' must be integer")]
    [InlineData(Volume, """{"v":5.5}""", "the argument 'v' must be integer")]
    [InlineData(Volume, """{"v":1e300}""", "the argument 'v' must be integer")]
    [InlineData(Volume, """{"v":[5]}""", "the argument 'v' must be integer")]
    [InlineData(Volume, """{"v":101}""", "the argument 'v' is outside 0..100")]
    [InlineData(Volume, """{"v":"-1"}""", "the argument 'v' is outside 0..100")]
    [InlineData(Closed, """{"b":1}""", "there is no argument 'b'")]
    [InlineData(Nested, """{"o":{}}""", "the argument 'o.n' is missing")]
    [InlineData(Nested, """{"o":{"n":true}}""", "the argument 'o.n' must be number")]
    [InlineData(List, """{"l":[1,"x"]}""", "the argument 'l[1]' must be integer")]
    [InlineData(List, """{"l":[1,2,3]}""", "the argument 'l' has 3 items")]
    [InlineData(Either, """{"e":"x"}""", "the argument 'e' must be integer")]
    [InlineData("""{"properties":{"s":{"enum":["on","off"]}}}""", """{"s":"up"}""", """the argument 's' must be one of ["on","off"]""")]
    [InlineData("""{"properties":{"s":{"type":"string","maxLength":2}}}""", """{"s":"abc"}""", "the argument 's' has 3 characters")]
    [InlineData("""{"properties":{"s":{"type":["string","boolean"]}}}""", """{"s":{}}""", "the argument 's' must be string or boolean")]
    [InlineData("""{"properties":{"s":{"exclusiveMinimum":0}}}""", """{"s":0}""", "the argument 's' is outside 0..")]
    public void Other_arguments_are_refused_by_name(string schema, string arguments, string error) =>
        Assert.Equal(error, ArgumentCheck.Check(JsonElement.Parse(schema), JsonNode.Parse(arguments)!.AsObject()));
}
