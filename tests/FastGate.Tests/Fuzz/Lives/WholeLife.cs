using System.Net;
using FastGate.Connections;
using FastGate.Fleet;
using FastGate.Hosting.Adapters;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Testing.Tls;
using FastGate.Tests.Transport;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>
/// The life of a server with a few clients, of which the seed chooses everything that the test does: options, bytes, cuts, resets, the clock, the answers of
/// the workers, the stop. Only the order of the server's own threads is free.
/// </summary>
internal sealed partial class WholeLife : IDisposable
{
    private const int MostDevices = 12;
    private const int MostSteps = 120;

    private static readonly FixedCertificate s_certificate = new();

    private readonly Random _random;
    private readonly LifePlan _plan;
    private readonly LifeSteps _steps = new();
    private readonly ManualTimeProvider _time = new();
    private readonly FakeMemoryStore _store = new();
    private readonly ErrorLines _errors = new();
    private readonly TlsServer _tls = new(s_certificate, concurrency: 2, pending: 3);
    private readonly List<LifeDevice> _devices = [];
    private readonly AnswerChoice _model;
    private readonly AnswerChoice _speech;
    private readonly LifeVoices _voices;
    private readonly LifeRequests _requests;
    private readonly LifeMessages _messages;
    private readonly ConnectionHarness _harness;
    private readonly TurnOutcomes _turns;
    private Task? _drain;
    private int _connected;

    public WholeLife(int seed)
    {
        _random = new Random(seed);
        _plan = new LifePlan(_random);
        _model = new AnswerChoice(seed, _steps, ScriptedModel.ErrorOf);
        _speech = new AnswerChoice(seed, _steps, ScriptedSpeech.ErrorOf);
        _requests = new LifeRequests(_plan, _random);
        _messages = new LifeMessages(_plan, _random);
        _voices = new LifeVoices(_speech, _time);
        _harness = new ConnectionHarness(
            gateway: _plan.Gateway,
            llm: new ScriptedModel(_model, ""),
            memory: _plan.HasMemory ? _store : null,
            providers: _plan.Providers,
            voices: _plan.HasSpeech ? _voices.Providers : null,
            sessionTime: _time,
            tls: _plan.HasTls ? _tls : null,
            workerTime: _time,
            memoryLimits: _plan.MemoryLimits,
            logs: _errors);
        _ = new SuspectActs(_harness.Services, _harness.LimitMetrics, _errors);
        _turns = new TurnOutcomes(_harness.Meter);
        _store.Rejects = exchange => _plan.HasFaultyMemory && exchange.User.EndsWith('7');
    }

    public string Description => $"{_plan}, {_connected} connections";

    public async Task RunAsync()
    {
        Connect();
        int steps = _random.Next(MostSteps / 3, MostSteps);
        int stop = _random.Next(5) == 0 ? _random.Next(steps) : steps;
        int deadlineMs = _random.Next(1, 400);
        for (int step = 0; step < steps; step++)
        {
            if (step == stop)
            {
                _drain = DrainAsync(deadlineMs);
            }

            await ActAsync();
            _steps.Advance();
        }

        await EndAsync();
        await CheckAsync();
    }

    public void Dispose()
    {
        _harness.Dispose();
        _turns.Dispose();
    }

    /// <summary>A further client, if its address has not too many, as the transport asks before it accepts.</summary>
    private void Connect()
    {
        bool isCalling = _random.Next(2) == 0;
        bool isTls = _plan.HasTls && _random.Next(2) == 0;
        bool isSlow = !isTls && _random.Next(6) == 0;
        var address = IPAddress.Parse(_plan.HasProxy ? LifePlan.Proxy : LifePlan.Addresses[_random.Next(LifePlan.Addresses.Length)]);
        System.IO.Pipelines.PipeOptions? toServer = _random.Next(2) == 0 ? InMemoryConnection.Scheduled : null;
        System.IO.Pipelines.PipeOptions? toPeer = isSlow ? InMemoryConnection.Bounded(500) : null;
        int seed = _random.Next();
        if (_devices.Count == MostDevices)
        {
            return;
        }

        InMemoryConnection connection = isCalling ? new CallingConnection(seed, toServer, toPeer) : new InMemoryConnection(toServer, toPeer);
        connection.RemoteEndPoint = new IPEndPoint(address, 40_000);
        if (_harness.Limits.Admits(AddressRange.ValueOf(address)))
        {
            _connected++;
            _harness.Connect(connection);
        }
        else
        {
            // It stays among the clients, so that the next choices are the same whether it was admitted or not.
            connection.Abort(new ConnectionAbortedException("refused"));
        }

        _devices.Add(new LifeDevice(connection, _plan, isTls, isSlow));
    }

    /// <summary>
    /// Ends what is still open: by the clients alone, which receive all before they leave, or by the clock alone. A worker that takes no cancellation holds its turn, and a turn its connection, so none
    /// may be left for the clock; and sound is played by the wall clock.
    /// </summary>
    private async Task EndAsync()
    {
        bool isByClock = _random.Next(2) == 0 && !_plan.HasSpeech;
        _store.Failure = null;
        _store.ReleaseReads();
        _store.ReleaseWrites();
        if (isByClock)
        {
            _steps.End();
        }

        foreach (LifeDevice device in _devices.Where(_ => !isByClock))
        {
            device.Read();
            device.Leave(_random.Next(3) == 0 ? new ConnectionResetException("reset") : null);
        }

        await UntilAsync(
            () =>
            {
                Turn(isByClock ? TimeSpan.FromSeconds(10) : TimeSpan.Zero);
                return _harness.HasEnded;
            },
            () => $"connections have not ended, by the clock {isByClock}: {string.Join(", ", _harness.Connections().Select(Describe))}");
        await _harness.EndAsync();
        _steps.End();
        if (_drain is not null)
        {
            await _drain.Within();
        }

        foreach (LifeDevice device in _devices)
        {
            await device.EndAsync();
        }
    }

    private static string Describe(DeviceConnection connection) =>
        $"{connection.DeviceId} {connection.Phase} {connection.EndReason}, in a turn {connection.IsInTurn}, heard at {connection.LastInboundMs}";

    private void Turn(TimeSpan by)
    {
        _harness.Clock.Turn(by);
        _time.Turn(by);
    }
}
