using Microsoft.ML.OnnxRuntime;

namespace FastGate.Speech.Hearing;

/// <summary>
/// The Silero model: a small neural network that knows speech from noise. Many devices are judged by one run, which costs half of many runs. Belongs to one
/// speech worker; a run uses that thread alone.
/// </summary>
internal sealed class SileroDetector : IVoiceDetector
{
    /// <summary>Streams of one run. More bring nothing.</summary>
    private const int MaxBatch = 16;

    /// <summary>Samples before the window that the model wants too.</summary>
    private const int Context = 64;

    private const int Input = Context + VoiceStream.Window;
    private const int StateRow = 128;
    private const int StateRows = 2;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtValue _rate = OrtValue.CreateTensorValueFromMemory<long>([VoiceStream.SampleRate], []);
    private readonly Batch?[] _batches = new Batch?[MaxBatch + 1];

    /// <exception cref="OnnxRuntimeException">The file is not a model that this version can run.</exception>
    public SileroDetector(string model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(model, options);
    }

    public void Detect(ReadOnlySpan<VoiceStream> streams)
    {
        for (; !streams.IsEmpty; streams = streams[Math.Min(MaxBatch, streams.Length)..])
        {
            Run(streams[..Math.Min(MaxBatch, streams.Length)]);
        }
    }

    public void Dispose()
    {
        foreach (Batch? batch in _batches)
        {
            batch?.Dispose();
        }

        _rate.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    private void Run(ReadOnlySpan<VoiceStream> streams)
    {
        int count = streams.Length;
        Batch batch = _batches[count] ??= new Batch(_session, _rate, count);
        for (int i = 0; i < count; i++)
        {
            var memory = (Memory)(streams[i].Memory ??= new Memory());
            Span<float> row = batch.Input.AsSpan(i * Input, Input);
            memory.Context.CopyTo(row);
            short[] samples = streams[i].Samples;
            for (int s = 0; s < samples.Length; s++)
            {
                row[Context + s] = samples[s] / 32_768f;
            }

            row[^Context..].CopyTo(memory.Context);
            memory.State.AsSpan(0, StateRow).CopyTo(batch.State.AsSpan(i * StateRow));
            memory.State.AsSpan(StateRow).CopyTo(batch.State.AsSpan((count + i) * StateRow));
        }

        _session.RunWithBinding(_run, batch.Binding);
        for (int i = 0; i < count; i++)
        {
            var memory = (Memory)streams[i].Memory!;
            batch.NextState.AsSpan(i * StateRow, StateRow).CopyTo(memory.State);
            batch.NextState.AsSpan((count + i) * StateRow, StateRow).CopyTo(memory.State.AsSpan(StateRow));
            streams[i].Probability = batch.Output[i];
        }
    }

    /// <summary>What the model remembers of a stream.</summary>
    private sealed class Memory
    {
        public float[] Context { get; } = new float[SileroDetector.Context];

        public float[] State { get; } = new float[StateRows * StateRow];
    }

    /// <summary>The tensors of a run of one size, bound to the model's names once: a run by names allocates for each name.</summary>
    private sealed class Batch : IDisposable
    {
        private readonly OrtValue[] _values;

        public Batch(InferenceSession session, OrtValue rate, int count)
        {
            Input = new float[count * SileroDetector.Input];
            State = new float[StateRows * count * StateRow];
            Output = new float[count];
            NextState = new float[State.Length];
            _values =
            [
                OrtValue.CreateTensorValueFromMemory(Input, [count, SileroDetector.Input]),
                OrtValue.CreateTensorValueFromMemory(State, [StateRows, count, StateRow]),
                OrtValue.CreateTensorValueFromMemory(Output, [count, 1]),
                OrtValue.CreateTensorValueFromMemory(NextState, [StateRows, count, StateRow]),
            ];
            Binding = session.CreateIoBinding();
            Binding.BindInput("input", _values[0]);
            Binding.BindInput("state", _values[1]);
            Binding.BindInput("sr", rate);
            Binding.BindOutput("output", _values[2]);
            Binding.BindOutput("stateN", _values[3]);
        }

        public float[] Input { get; }

        public float[] State { get; }

        public float[] Output { get; }

        public float[] NextState { get; }

        public OrtIoBinding Binding { get; }

        public void Dispose()
        {
            Binding.Dispose();
            foreach (OrtValue value in _values)
            {
                value.Dispose();
            }
        }
    }
}
