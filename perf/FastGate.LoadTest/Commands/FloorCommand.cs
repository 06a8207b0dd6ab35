using System.CommandLine;
using System.Net;
using FastGate.LoadTest.Floor;

namespace FastGate.LoadTest.Commands;

/// <summary>The command <c>serve</c>: a minimal server to compare with.</summary>
internal static class FloorCommand
{
    public static Command Create(string program, TextWriter output, TextWriter errors)
    {
        Option<int> port = SharedOptions.Number("--port", "Port on 127.0.0.1; 0 = any free port. E.g. --port 28300", 28300);
        var command = new Command("serve", $"""
            A minimal server to compare with: one epoll loop that upgrades, answers hello and ping with fixed bytes, sends audio back, and does nothing else. Runs until Ctrl+C.

            Example: {program} serve --port 28300
            """)
        {
            port,
        };
        command.SetAction((parsed, stop) => Task.Run(() => Serve(parsed.GetValue(port), output, errors, stop), CancellationToken.None));
        return command;
    }

    private static int Serve(int port, TextWriter output, TextWriter errors, CancellationToken stop)
    {
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            errors.WriteLine("--port: 0 to 65,535.");
            return ScenarioRunner.NotMeasured;
        }

        try
        {
            using var floor = new FloorServer(new IPEndPoint(IPAddress.Loopback, port));
            output.WriteLine($"floor: {floor.Target}, process {Environment.ProcessId}");
            floor.Run(stop);
            return ScenarioRunner.Passed;
        }
        catch (IOException exception)
        {
            errors.WriteLine(exception.Message);
            return ScenarioRunner.NotMeasured;
        }
    }
}
