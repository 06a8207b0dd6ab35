using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>The layout of the kernel's answer, which differs between processors, is asked of the kernel.</summary>
public sealed class EpollEventsTests
{
    [Fact]
    public void Every_event_of_a_batch_gives_back_the_word_it_was_registered_with()
    {
        // Each byte another, so that a word read from the wrong place cannot be right.
        ulong[] words = [0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 0x1122_3344_5566_7788];
        int epoll = LinuxError.ThrowIfError(LinuxEpoll.Create(), "epoll_create1");
        int[] descriptors = [.. words.Select(static _ => LinuxError.ThrowIfError(LinuxEpoll.CreateEvent(), "eventfd"))];
        using var events = new EpollEvents();
        try
        {
            for (int i = 0; i < words.Length; i++)
            {
                LinuxError.ThrowIfError(
                    LinuxEpoll.Add(epoll, descriptors[i], LinuxEpoll.In | LinuxEpoll.EdgeTriggered, words[i]), "epoll_ctl");
                LinuxEpoll.WriteEvent(descriptors[i]);
            }

            int count = events.Wait(epoll, timeoutMs: 0);
            Assert.Equal(words.Order(), Enumerable.Range(0, count).Select(events.Data).Order());
            Assert.All(Enumerable.Range(0, count), index => Assert.Equal(LinuxEpoll.In, events.Events(index)));

            // Changed words, and another mask.
            for (int i = 0; i < words.Length; i++)
            {
                LinuxError.ThrowIfError(
                    LinuxEpoll.Change(epoll, descriptors[i], LinuxEpoll.In | LinuxEpoll.Out, ~words[i]), "epoll_ctl");
            }

            count = events.Wait(epoll, timeoutMs: 0);
            Assert.Equal(words.Select(static word => ~word).Order(), Enumerable.Range(0, count).Select(events.Data).Order());
            Assert.All(Enumerable.Range(0, count), index => Assert.Equal(LinuxEpoll.In | LinuxEpoll.Out, events.Events(index)));
        }
        finally
        {
            Array.ForEach(descriptors, static descriptor => LinuxSocket.Close(descriptor));
            LinuxSocket.Close(epoll);
        }
    }
}
