using FastGate.Tools.Servers;

namespace FastGate.Tests.Tools;

public sealed class BoundedReadStreamTests
{
    private const int Bound = 1_048_576;

    [Theory]
    [InlineData(0, 1, false, false)]
    [InlineData(Bound, 1, false, false)]
    [InlineData(Bound + 1, 1, false, true)]
    [InlineData(Bound, 3, false, false)]
    [InlineData(Bound, 3, true, true)]
    [InlineData(Bound / 4, 3, true, false)]
    public async Task Lines_or_the_whole_are_bounded(int line, int lines, bool whole, bool fails)
    {
        byte[] bytes = [.. Enumerable.Repeat<byte[]>([.. Enumerable.Repeat((byte)'x', line), (byte)'\n'], lines).SelectMany(static one => one)];
        await using var stream = new BoundedReadStream(new MemoryStream(bytes), Bound, whole);
        if (fails)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => stream.CopyToAsync(Stream.Null));
        }
        else
        {
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            Assert.Equal(bytes, copy.ToArray());
        }
    }
}
