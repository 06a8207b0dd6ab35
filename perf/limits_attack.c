/*
 * The attacker of perf/limits.py: connects of one loopback address, at a steady rate.
 *
 *     limits_attack PORT SOURCE COUNT RATE IN_FLIGHT HOLD <requests
 *
 * Each connection sends the next of the requests of standard input (each ends with an empty line; an incomplete last one is one too), waits for the first
 * bytes of the answer or for the end, and is closed. Without requests it is closed, or held, when it is connected. A connect without an answer is given up after
 * PATIENCE seconds: an attacker does not wait. COUNT and RATE may be 0: no limit. With HOLD 1 connections stay open. Ends after COUNT, or by SIGTERM when
 * connections are held or COUNT is 0, and prints how many connects it has made and how many of them had no answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS (1 << 16)
#define RING (1 << 17)
#define PATIENCE 0.02

static volatile sig_atomic_t stopped;
static struct sockaddr_in target = {.sin_family = AF_INET}, source = {.sin_family = AF_INET};
static char requests[1 << 20];
static size_t starts[4096], lengths[4096];
static char sent[DESCRIPTORS], connecting[DESCRIPTORS]; /* by descriptor */
static double begun_at[DESCRIPTORS];
static struct { int descriptor; double at; } begun[RING]; /* in the order of time */
static unsigned long first, last;
static int count_of_requests;

static void stop(int signal) { (void)signal; stopped = 1; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void read_requests(void) {
    size_t total = fread(requests, 1, sizeof requests - 1, stdin);
    for (size_t at = 0; at < total && count_of_requests < 4096; count_of_requests++) {
        char *end = strstr(requests + at, "\r\n\r\n");
        starts[count_of_requests] = at;
        lengths[count_of_requests] = (end ? (size_t)(end + 4 - requests) : total) - at;
        at += lengths[count_of_requests];
    }
}

/* A connecting socket, whose close resets the connection: no port waits. */
static int begin(void) {
    int on = 1, one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct linger reset = {1, 0};
    if (one < 0) return -1;
    setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(one, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(one, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(one, (void *)&source, sizeof source) || (connect(one, (void *)&target, sizeof target) && errno != EINPROGRESS)) {
        close(one);
        return -1;
    }
    return one;
}

int main(int argc, char **argv) {
    if (argc != 7) return 2;
    target.sin_port = htons(atoi(argv[1]));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    source.sin_addr.s_addr = inet_addr(argv[2]);
    long count = atol(argv[3]), made = 0, next = 0, open = 0, unanswered = 0;
    double rate = atof(argv[4]), started = now();
    int in_flight = atoi(argv[5]), hold = atoi(argv[6]), epoll = epoll_create1(0);
    signal(SIGTERM, stop);
    signal(SIGPIPE, SIG_IGN);
    read_requests();
    while (!stopped && (count == 0 || made < count || open > 0 || hold)) {
        long due = rate > 0 ? (long)((now() - started) * rate) + 1 : made + in_flight;
        while (!stopped && (count == 0 || made < count) && made < due && open < in_flight) {
            int one = begin();
            made++;
            if (one < 0 || one >= DESCRIPTORS) continue;
            sent[one] = 0;
            connecting[one] = 1;
            begun[last % RING].descriptor = one;
            begun[last++ % RING].at = begun_at[one] = now();
            struct epoll_event event = {.events = EPOLLOUT | EPOLLIN, .data.fd = one};
            epoll_ctl(epoll, EPOLL_CTL_ADD, one, &event);
            open++;
        }
        for (double before = now() - PATIENCE; first < last && begun[first % RING].at < before; first++) {
            int one = begun[first % RING].descriptor;
            if (connecting[one] && begun_at[one] == begun[first % RING].at) {
                connecting[one] = 0;
                close(one);
                open--;
                unanswered++;
            }
        }
        struct epoll_event ready[256];
        int found = epoll_wait(epoll, ready, 256, open < in_flight && (count == 0 || made < count) ? (rate > 0 ? 1 : 0) : first < last ? 5 : 100);
        for (int i = 0; i < found; i++) {
            int one = ready[i].data.fd;
            char answer[4096];
            connecting[one] = 0;
            if (hold && !count_of_requests && !(ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
                struct epoll_event event = {.events = EPOLLIN, .data.fd = one};
                epoll_ctl(epoll, EPOLL_CTL_MOD, one, &event);
                continue;
            }
            if (count_of_requests && !(ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
                long request = next++ % count_of_requests;
                struct epoll_event event = {.events = EPOLLIN, .data.fd = one};
                if (send(one, requests + starts[request], lengths[request], 0) == (ssize_t)lengths[request]) {
                    epoll_ctl(epoll, EPOLL_CTL_MOD, one, &event);
                    sent[one] = 1;
                    if (hold) open--;
                    continue;
                }
            } else if (hold && recv(one, answer, sizeof answer, 0) > 0) {
                continue;
            }
            open -= hold && sent[one] ? 0 : 1;
            close(one);
        }
    }
    printf("%ld %ld\n", made, unanswered);
    return 0;
}
