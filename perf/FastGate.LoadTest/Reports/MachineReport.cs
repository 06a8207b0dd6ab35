using System.Runtime.InteropServices;
using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Reports;

internal sealed record MachineReport(int Cores, string Processor, string System, string Runtime)
{
    public static MachineReport Read() =>
        new(AllowedProcessors.CountOnline(), ReadProcessor(), RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    private static string ReadProcessor()
    {
        try
        {
            string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
            return line?[(line.IndexOf(':', StringComparison.Ordinal) + 2)..] ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
        catch (IOException)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }
    }
}
