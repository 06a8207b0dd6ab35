// The runs of the tests send little and wait for their end most of the time.
[assembly: CollectionBehavior(MaxParallelThreads = 6)]
