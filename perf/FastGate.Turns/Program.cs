using System.CommandLine;
using FastGate.Testing.Conversation;
using FastGate.Turns;

var server = new Option<string>("--server") { Description = "The server's assembly.", DefaultValueFactory = static _ => "src/FastGate/bin/Release/net10.0/FastGate.dll" };
var waiting = new Option<int>("--waiting") { Description = "Number of devices in a turn.", DefaultValueFactory = static _ => 500 };
var pinging = new Option<int>("--pingers") { Description = "Number of devices that ping.", DefaultValueFactory = static _ => 1_000 };
var rate = new Option<int>("--rate") { Description = "Pings per second of all devices together.", DefaultValueFactory = static _ => 400 };
var rounds = new Option<int>("--rounds") { Description = "Number of rounds.", DefaultValueFactory = static _ => 5 };
var seconds = new Option<int>("--seconds") { Description = "Length of a phase.", DefaultValueFactory = static _ => 10 };
var aborts = new Option<int>("--aborts") { Description = "Number of interruptions and error replies.", DefaultValueFactory = static _ => 2_000 };

var root = new RootCommand("How turns delay devices that have none, and how fast an interruption and an error reply are.")
{
    server, waiting, pinging, rate, rounds, seconds, aborts,
};
root.SetAction(async parsed =>
{
    int waitingDevices = parsed.GetValue(waiting);
    await using FakeOpenAiServer llm = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("在。"));
    using var gateway = new GatewayUnderTest(parsed.GetValue(server)!,
    [
        "--FastGate:Llm:Providers:fake:Type=openai",
        $"--FastGate:Llm:Providers:fake:BaseUrl={llm.Address}/v1",
        "--FastGate:Llm:Providers:fake:Model=fake",
        "--FastGate:Llm:ByMode:default=fake",
        "--FastGate:Llm:ByMode:memory=echo",
        "--FastGate:Llm:Timeouts:FirstToken=00:05:00",
        "--FastGate:Llm:Timeouts:BetweenTokens=00:05:00",
        "--FastGate:Llm:Timeouts:Total=00:30:00",
        $"--FastGate:Workers:Conversation:Concurrency={waitingDevices + 16}",
        "--FastGate:Devices:Timeouts:Hello=00:10:00",
        "--FastGate:Devices:Timeouts:Idle=01:00:00",
    ]);
    BlockingDevice[] devices = Enumerable.Range(0, parsed.GetValue(pinging)).Select(i => new BlockingDevice(gateway.Port, $"pinger{i}")).ToArray();
    var pingers = new Pingers(devices, parsed.GetValue(rate));
    var interruptions = new InterruptionMeasurement(gateway, llm);
    interruptions.Run(200, TextWriter.Null);
    new WaitingMeasurement(gateway, llm, pingers, waitingDevices, TimeSpan.FromSeconds(parsed.GetValue(seconds))).Run(parsed.GetValue(rounds), Console.Out);
    interruptions.Run(parsed.GetValue(aborts), Console.Out);
    new OutageMeasurement(gateway, llm).Run(parsed.GetValue(aborts), Console.Out);
    Array.ForEach(devices, static device => device.Dispose());
});

var persistenceRate = new Option<int>("--rate") { Description = "Turns offered per second; 0 offers as many as are accepted.", DefaultValueFactory = static _ => 0 };
var directory = new Option<string?>("--directory") { Description = "Directory of the database, on the disk to measure; default: a temporary directory." };
var postgres = new Option<string?>("--postgres") { Description = "Connection string of an empty PostgreSQL database, measured in turns with SQLite." };
var persistence = new Command("persistence", "Turns committed per second, and the writer's memory while the disk is stalled.")
{
    persistenceRate, rounds, seconds, directory, postgres,
};
persistence.SetAction(async parsed =>
{
    string parent = parsed.GetValue(directory) ?? Path.GetTempPath();
    DirectoryInfo made = Directory.CreateDirectory(Path.Combine(parent, $"fastgate-persistence-{Environment.ProcessId}"));
    try
    {
        await new PersistenceMeasurement(made.FullName, parsed.GetValue(postgres), parsed.GetValue(persistenceRate))
            .RunAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), Console.Out);
    }
    finally
    {
        made.Delete(recursive: true);
    }
});
root.Add(persistence);

var beside = new Option<string?>("--beside") { Description = "Another server's assembly, measured in turns with the first." };
var tokens = new Option<int>("--tokens") { Description = "Tokens of a reply.", DefaultValueFactory = static _ => 100 };
var turns = new Option<int>("--turns") { Description = "Turns of a round.", DefaultValueFactory = static _ => 2_000 };
var streams = new Command("streams", "Turns per second, and the server's processor time and allocations per turn and per token of the reply.")
{
    server, beside, tokens, turns, rounds,
};
streams.SetAction(async parsed =>
{
    string[] assemblies = [.. new[] { parsed.GetValue(server), parsed.GetValue(beside) }.OfType<string>()];
    await new StreamMeasurement(assemblies, parsed.GetValue(tokens), parsed.GetValue(turns)).RunAsync(parsed.GetValue(rounds), Console.Out);
});
root.Add(streams);
return await root.Parse(args).InvokeAsync();
