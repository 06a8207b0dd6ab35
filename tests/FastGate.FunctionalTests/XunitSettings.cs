// Each class starts servers and clients of its own; two at a time is what a small machine serves without starving any.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
