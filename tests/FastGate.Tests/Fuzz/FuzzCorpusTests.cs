using FastGate.Fuzz;

namespace FastGate.Tests.Fuzz;

/// <summary>The kept inputs of the fuzz targets are read without an exception. What a fuzzer finds is kept there.</summary>
public sealed class FuzzCorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Kept_inputs_and_their_prefixes_are_read(string target)
    {
        FuzzTarget read = FuzzTargets.All[target];
        string[] files = [.. FuzzTargets.CorpusOf(target)];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] input = File.ReadAllBytes(file);
            for (int length = Math.Max(0, input.Length - 600); length <= input.Length; length++)
            {
                byte[] prefix = input[..length];
                Exception? finding = Record.Exception(() => read(prefix));
                Assert.True(finding is null, $"{file}, first {length} bytes: {finding}");
            }
        }
    }

    /// <summary>A finding must not be swallowed on its way to the fuzzer.</summary>
    [Fact]
    public void Broken_promise_is_an_exception() => Assert.Throws<FuzzException>(static () => FuzzException.ThrowUnless(false, "promise"));
}
