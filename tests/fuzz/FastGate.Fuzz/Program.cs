using SharpFuzz;

namespace FastGate.Fuzz;

internal static class Program
{
    private const int MaxInput = 1024 * 1024;

    /// <summary><c>TARGET</c> runs under a fuzzer; <c>TARGET FILE...</c> reads these files once.</summary>
    public static int Main(string[] arguments)
    {
        if (arguments.Length == 0 || !FuzzTargets.All.TryGetValue(arguments[0], out FuzzTarget? target))
        {
            Console.Error.WriteLine($"Targets: {string.Join(", ", FuzzTargets.All.Keys)}");
            return 2;
        }

        if (arguments.Length > 1)
        {
            foreach (string file in arguments.Skip(1))
            {
                target(File.ReadAllBytes(file));
            }

            return 0;
        }

        Fuzzer.OutOfProcess.Run(stream =>
        {
            byte[] input = new byte[MaxInput];
            target(input[..stream.ReadAtLeast(input, input.Length, throwOnEndOfStream: false)]);
        });
        return 0;
    }
}
