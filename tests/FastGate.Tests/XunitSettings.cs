// Some classes wait for processes, disks and timers. Three at a time keep two processors busy.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
