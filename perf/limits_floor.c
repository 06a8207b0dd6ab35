/*
 * What perf/limits.py compares the server with: a listener that accepts and closes; with an argument one whose connects the kernel drops, so that an attack
 * costs nothing but what the attacker does. Prints its port.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
    (void)argv;
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &drop};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0), accepted;
    bind(listener, (void *)&address, sizeof address);
    if (argc > 1 && setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)) return 1;
    listen(listener, 4096);
    getsockname(listener, (void *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        while ((accepted = accept4(listener, (void *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) close(accepted);
        epoll_wait(epoll, &event, 1, -1);
    }
}
