namespace FastGate.Tests.Fuzz.Lives;

/// <summary>Chooses the answers of a life's workers of one kind. Any thread.</summary>
/// <param name="seed">The seed of the life.</param>
/// <param name="steps">The steps that answers wait for.</param>
/// <param name="errorOf">The errors that such a worker throws.</param>
internal sealed class AnswerChoice(int seed, LifeSteps steps, Func<Random, Exception> errorOf)
{
    private const int LateSteps = 60;

    private static readonly WorkerAnswer[] s_answers =
    [
        WorkerAnswer.Whole, WorkerAnswer.Whole, WorkerAnswer.Whole, WorkerAnswer.Pieces, WorkerAnswer.Pieces, WorkerAnswer.Pieces, WorkerAnswer.Late,
        WorkerAnswer.Error, WorkerAnswer.ErrorAfterPieces, WorkerAnswer.Never, WorkerAnswer.Deaf, WorkerAnswer.Nothing, WorkerAnswer.Long, WorkerAnswer.Tool,
    ];

    private int _waiting;

    /// <summary>Workers that wait for a step or a cancellation.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Numbers that depend on the question alone, not on the order of threads.</summary>
    public Random RandomOf(string worker, string question)
    {
        uint hash = 2_166_136_261 ^ (uint)seed;
        foreach (char letter in worker + question)
        {
            hash = (hash ^ letter) * 16_777_619;
        }

        return new Random((int)hash);
    }

    public static WorkerAnswer Next(Random random) => s_answers[random.Next(s_answers.Length)];

    /// <summary>What is to pass before the first piece of an answer.</summary>
    public async Task BeginAsync(WorkerAnswer answer, Random random, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Interlocked.Increment(ref _waiting);
        try
        {
            await (answer switch
            {
                WorkerAnswer.Pieces or WorkerAnswer.ErrorAfterPieces => steps.AfterAsync(random.Next(6), cancellationToken),
                WorkerAnswer.Late => steps.AfterAsync(LateSteps, cancellationToken),
                WorkerAnswer.Deaf => steps.AfterAsync(LateSteps, CancellationToken.None),
                WorkerAnswer.Never => Task.Delay(Timeout.Infinite, cancellationToken),
                _ => Task.CompletedTask,
            });
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        if (answer == WorkerAnswer.Error)
        {
            throw errorOf(random);
        }
    }

    /// <summary>What is to pass between two pieces of an answer.</summary>
    public Task ContinueAsync(WorkerAnswer answer, Random random, CancellationToken cancellationToken) => answer switch
    {
        WorkerAnswer.Pieces => BeginAsync(answer, random, cancellationToken),
        WorkerAnswer.ErrorAfterPieces => throw errorOf(random),
        _ => Task.CompletedTask,
    };
}
