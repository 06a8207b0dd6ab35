using System.Text.RegularExpressions;

namespace FastGate.Tests;

/// <summary>Keeps words and phrases that readers had to decode out of sources, tests and documents. To ban another one, add it to the list.</summary>
public sealed partial class PlainLanguageTests
{
    /// <summary>Regular expressions, matched as whole words without regard to case, and what to write instead.</summary>
    private static readonly (string Pattern, string Instead)[] s_banned =
    [
        ("whoever|whosoever|whom", "name the actor: client, device, caller, thread"),
        ("nobody", "no client, no caller, none"),
        ("newcomers?", "new connection, new client"),
        ("strangers?", "untrusted client, unknown client"),
        ("doors?", "listener, endpoint, server"),
        ("told|untold", "notified, reported, logged"),
        ("stands", "is, remains"),
        ("bears?", "supports, allows, handles"),
        ("for ever|forever", "without limit, permanently"),
        ("wish|wishes", "request"),
        ("knocks?|knocked", "connects"),
        ("crowds?", "many connections"),
        ("farewells?", "goodbye message"),
        ("goes on|go on|went on", "continues"),
        ("all the same", "anyway, still"),
        ("let go|lets go", "release"),
        ("slip of the pen", "typo"),
        ("of ours", "internal"),
        ("comes round", "is due"),
        ("trespass(?:es)?", "violation"),
        ("patience", "timeout"),
        ("dealt", "assigned"),
        ("once and for all", "permanently"),
        ("as it were|so to speak", "remove it"),
    ];

    private static readonly Regex s_pattern = new($@"(?<![A-Za-z])(?:{string.Join('|', s_banned.Select(static entry => entry.Pattern))})(?![A-Za-z])", RegexOptions.IgnoreCase);

    [Fact]
    public void Sources_tests_and_documents_use_no_banned_word() => Assert.Empty(Files().SelectMany(Violations).Take(50));

    [Theory]
    [InlineData("Whoever connects first wins.")]
    [InlineData("var deviceDoor = OpenDoors();")]
    [InlineData("A_newcomer_is_refused")]
    public void A_banned_word_is_found_in_text_and_in_names(string line) => Assert.Matches(s_pattern, Words(line));

    private static IEnumerable<string> Files() =>
        ((string[])["*.cs", "*.md", "*.py"])
        .SelectMany(static pattern => SourceTree.Files(".", pattern))
        .Where(static file => Path.GetFileName(file) != "PlainLanguageTests.cs" && !SourceTree.Relative(file).StartsWith("perf/results/", StringComparison.Ordinal));

    private static IEnumerable<string> Violations(string file) => File.ReadLines(file)
        .Select(static (line, index) => (Match: s_pattern.Match(Words(line)), Number: index + 1))
        .Where(static found => found.Match.Success)
        .Select(found => $"{SourceTree.Relative(file)}:{found.Number} \"{found.Match.Value}\"");

    /// <summary>Splits names into words, so that DeviceDoor counts as "Device Door".</summary>
    private static string Words(string line) => WordStart().Replace(line.Replace('_', ' '), " ");

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex WordStart();
}
