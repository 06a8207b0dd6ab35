using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>Checks the layout of epoll_event, which differs between processors, against the kernel.</summary>
public sealed class EpollEventsTests
{
    [Fact]
    public void Every_event_of_a_batch_returns_its_registered_word()
    {
        // All bytes differ, so that a word read at a wrong offset differs.
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

            // Another word and another mask.
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
