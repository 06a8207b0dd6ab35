using FastGate.Configuration.Loading;
using FastGate.Tests.Contract;

namespace FastGate.Tests.Configuration;

/// <summary>docs/options.md says what the option records say. FASTGATE_UPDATE_GOLDEN=1 writes it anew.</summary>
public sealed class OptionDocumentTests
{
    [Fact]
    public void The_page_is_generated_from_the_records() => GoldenFile.AssertSame(Path.Combine(SourceTree.Root, "docs/options.md"), OptionDocument.Lines());

    [Fact]
    public void Every_option_has_a_comment() => Assert.All(OptionSchema.Keys.Keys, static key => Assert.NotEqual("", OptionDocument.SummaryOf(OptionDocument.PropertyOf(key))));
}
