using System.Net.WebSockets;
using FastGate.Speech.Hearing;

namespace FastGate.Speech.Recognition;

/// <summary>
/// Asks one recogniser after the other until one has words: each has slots, a time limit from the end of the speech, and is spared while it fails.
/// The utterance is kept, so the second hears all of it.
/// </summary>
internal sealed class GuardedRecognizer(IReadOnlyList<(ISpeechRecognizer Recognizer, SpeechGuard Guard)> providers) : ISpeechRecognizer
{
    public string Name => providers[0].Recognizer.Name;

    public Uri? Server => providers[0].Recognizer.Server;

    public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await AskAsync(providers[i].Recognizer, providers[i].Guard, utterance, cancellationToken);
            }
            catch (SpeechProviderException) when (i + 1 < providers.Count)
            {
                // The next one is asked; the failure is counted.
            }
        }
    }

    public void Dispose()
    {
        foreach ((ISpeechRecognizer recognizer, _) in providers)
        {
            recognizer.Dispose();
        }
    }

    private static async Task<string> AskAsync(ISpeechRecognizer recognizer, SpeechGuard guard, Utterance utterance, CancellationToken cancellationToken)
    {
        guard.Enter();
        bool? succeeded = null;
        string? error = null;
        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Task<string> words = recognizer.RecognizeAsync(utterance, call.Token);
            Task ended = utterance.WaitForEndAsync(call.Token);
            if (await Task.WhenAny(words, ended) == ended)
            {
                call.CancelAfter(guard.Settings.FirstTimeout);
            }

            string text = await words;
            succeeded = true;
            return text;
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            // A connection that is cut by the cancellation fails in its own way, which says nothing about the provider.
            throw exception as OperationCanceledException ?? new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException || (call.IsCancellationRequested && exception is not SpeechProviderException))
        {
            (succeeded, error) = (false, $"{recognizer.Name}: no words in time");
            throw new SpeechProviderException(error, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or WebSocketException or IOException)
        {
            (succeeded, error) = (false, $"{recognizer.Name}: {exception.Message}");
            throw new SpeechProviderException(error, exception);
        }
        catch (SpeechProviderException exception)
        {
            (succeeded, error) = (false, exception.Message);
            throw;
        }
        finally
        {
            guard.Leave(succeeded, error);
        }
    }
}
