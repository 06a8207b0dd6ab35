using System.Text;
using FastGate.Transport.Linux;

namespace FastGate.Restart.TakeOver;

/// <summary>One received frame. Its receiver owns the descriptors.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Sequence">The number of the batch or of the stage.</param>
/// <param name="Body">At most <see cref="HandOverChannel.MaxBody"/> bytes.</param>
/// <param name="Descriptors">What came with it.</param>
internal sealed record HandOverFrame(HandOverFrameKind Kind, int Sequence, byte[] Body, IReadOnlyList<int> Descriptors)
{
    /// <summary>The body as text, on one line.</summary>
    public string Text => new([.. Encoding.UTF8.GetString(Body).Where(static character => !char.IsControl(character))]);

    public void CloseDescriptors()
    {
        foreach (int descriptor in Descriptors)
        {
            LinuxSocket.Close(descriptor);
        }
    }
}
