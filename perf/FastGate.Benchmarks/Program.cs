using BenchmarkDotNet.Running;
using FastGate.Benchmarks;
using FastGate.Benchmarks.Judging;

Tiering.IsWanted = true;
return args is ["judge", .. var rest]
    ? Judge.Run(rest is [var filter, ..] ? filter : "", Console.Out)
    : AllocationCheck.Report(BenchmarkSwitcher.FromAssembly(typeof(Tiering).Assembly).Run(args, BenchmarkConfig.Create()));
