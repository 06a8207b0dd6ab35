namespace FastGate.LoadTest.Tests;

public class EpollScenarioTests(LoadFixture servers) : ClientScenarioTests(servers, "epoll");
