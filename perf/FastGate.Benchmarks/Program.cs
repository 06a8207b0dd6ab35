using BenchmarkDotNet.Running;
using FastGate.Benchmarks;

Tiering.IsWanted = true;
return AllocationCheck.Report(BenchmarkSwitcher.FromAssembly(typeof(Tiering).Assembly).Run(args, BenchmarkConfig.Create()));
