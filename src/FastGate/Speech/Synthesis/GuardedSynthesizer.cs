using System.Runtime.CompilerServices;

namespace FastGate.Speech.Synthesis;

/// <summary>
/// Asks one synthesiser after the other until one makes sound: each has slots, limits for the first and the next sound, and is spared while it fails.
/// After the first sound of a sentence there is no other try.
/// </summary>
internal sealed class GuardedSynthesizer(IReadOnlyList<(ISpeechSynthesizer Synthesizer, SpeechGuard Guard)> providers) : ISpeechSynthesizer
{
    public string Name => providers[0].Synthesizer.Name;

    public Uri? Server => providers[0].Synthesizer.Server;

    public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            Call call;
            try
            {
                call = await Call.StartAsync(providers[i].Synthesizer, providers[i].Guard, sentence, cancellationToken);
            }
            catch (SpeechProviderException) when (i + 1 < providers.Count)
            {
                // The next one is asked; the failure is counted.
                continue;
            }

            await using (call)
            {
                while (call.Piece is { } piece)
                {
                    yield return piece with { IsFallback = i > 0 };
                    await call.NextAsync(call.Guard.Settings.BetweenTimeout);
                }
            }

            yield break;
        }
    }

    public void Dispose()
    {
        foreach ((ISpeechSynthesizer synthesizer, _) in providers)
        {
            synthesizer.Dispose();
        }
    }

    /// <summary>One sentence at one provider. Holds a slot until it is disposed of.</summary>
    private sealed class Call : IAsyncDisposable
    {
        private readonly CancellationToken _callerToken;
        private readonly CancellationTokenSource _cancellation;
        private readonly IAsyncEnumerator<SoundPiece> _pieces;
        private readonly string _name;
        private bool? _succeeded;
        private string? _error;

        private Call(ISpeechSynthesizer synthesizer, SpeechGuard guard, string sentence, CancellationToken cancellationToken)
        {
            _name = synthesizer.Name;
            Guard = guard;
            _callerToken = cancellationToken;
            _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _pieces = synthesizer.SynthesizeAsync(sentence, _cancellation.Token).GetAsyncEnumerator(_cancellation.Token);
        }

        public SpeechGuard Guard { get; }

        /// <summary>The current piece; null at the end.</summary>
        public SoundPiece? Piece { get; private set; }

        /// <summary>Waits for the first piece.</summary>
        public static async Task<Call> StartAsync(ISpeechSynthesizer synthesizer, SpeechGuard guard, string sentence, CancellationToken cancellationToken)
        {
            guard.Enter();
            var call = new Call(synthesizer, guard, sentence, cancellationToken);
            try
            {
                await call.NextAsync(guard.Settings.FirstTimeout);
                return call;
            }
            catch
            {
                await call.DisposeAsync();
                throw;
            }
        }

        public async Task NextAsync(TimeSpan limit)
        {
            _cancellation.CancelAfter(limit);
            try
            {
                Piece = await _pieces.MoveNextAsync() ? _pieces.Current : null;
                _cancellation.CancelAfter(Timeout.InfiniteTimeSpan);
                _succeeded = Piece is null ? true : _succeeded;
            }
            catch (Exception exception) when (_callerToken.IsCancellationRequested)
            {
                // A connection that is cut by the cancellation fails in its own way, which says nothing about the provider.
                throw exception as OperationCanceledException ?? new OperationCanceledException(exception.Message, exception, _callerToken);
            }
            catch (Exception exception) when (exception is OperationCanceledException || (_cancellation.IsCancellationRequested && exception is not SpeechProviderException))
            {
                throw Failed($"{_name}: no sound in time", exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
            {
                throw Failed($"{_name}: {exception.Message}", exception);
            }
            catch (SpeechProviderException exception)
            {
                Failed(exception.Message, exception);
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _pieces.DisposeAsync();
            _cancellation.Dispose();
            Guard.Leave(_succeeded, _error);
        }

        private SpeechProviderException Failed(string error, Exception cause)
        {
            (_succeeded, _error) = (false, error);
            return new SpeechProviderException(error, cause);
        }
    }
}
