namespace FastGate.Transport.Loops;

/// <summary>The end of the two parts of a turn in which connections receive: answers that were made without a pipe are sent.</summary>
internal sealed partial class EventLoop
{
    private void SendAnswers()
    {
        Buffers.SendAnswers();
        while (Buffers.Answers.TryTakeUnsent(out UnsentAnswer? answer))
        {
            if (Connections.Find(answer.Connection) is not LoopConnection connection)
            {
                continue;
            }

            try
            {
                connection.OnUnsent(answer);
            }
            catch (Exception exception)
            {
                AbortFaulted(connection, exception);
            }

            if (connection.IsClosePending)
            {
                Closer.CloseEnded();
            }
        }
    }
}
