#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <nss.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int status(long result) {
    return result == 0 ? 0 : errno;
}

static int value(long result) {
    return result >= 0 ? (int)result : -errno;
}

int clinux_enter_network_namespace(int descriptor) {
    return status(setns(descriptor, CLONE_NEWNET));
}

int clinux_unshare_network_namespace(void) {
    return status(unshare(CLONE_NEWNET));
}

int clinux_forbid_dumping(void) {
    return status(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

int clinux_open_path(int directory, const char *name) {
    return value(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

int clinux_create_unnamed(int directory) {
    return value(openat(directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
}

int clinux_name(int file, int directory, const char *name) {
    // Without a capability, an older kernel takes no empty path in its place.
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return status(linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW));
}

int clinux_rename_without_replacing(int directory, const char *from, const char *to) {
    return status(renameat2(directory, from, directory, to, RENAME_NOREPLACE));
}

int clinux_synchronize_file_system(int descriptor) { return status(syncfs(descriptor)); }

// Read by a handler that may run on any thread, written once before it is installed.
static int signal_pipe[2] = {-1, -1};

static void pass_on(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe holds more signals than anybody waits for.
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

int clinux_catch_termination_signals(void) {
    if (signal_pipe[0] < 0 && pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return -errno;
    }
    struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART}, current;
    sigemptyset(&action.sa_mask);
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        if (sigaction(numbers[index], NULL, &current) != 0) {
            return -errno;
        }
        if (numbers[index] == SIGHUP && current.sa_handler == SIG_IGN) {
            continue;
        }
        if (sigaction(numbers[index], &action, NULL) != 0) {
            return -errno;
        }
    }
    return value(fcntl(signal_pipe[0], F_DUPFD_CLOEXEC, 3));
}

static const int held_numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { HELD_COUNT = sizeof held_numbers / sizeof *held_numbers };
static struct sigaction held_actions[HELD_COUNT];
static int held_pipe[2] = {-1, -1};

static void hold(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(held_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

int clinux_hold_signals(void) {
    if (held_pipe[0] < 0 && pipe2(held_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return -errno;
    }
    struct sigaction action = {.sa_handler = hold, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t index = 0; index < HELD_COUNT; index++) {
        sigaction(held_numbers[index], NULL, &held_actions[index]);
        if (held_actions[index].sa_handler != SIG_IGN) {
            sigaction(held_numbers[index], &action, NULL);
        }
    }
    return held_pipe[0];
}

void clinux_release_signals(void) {
    for (size_t index = 0; index < HELD_COUNT; index++) {
        sigaction(held_numbers[index], &held_actions[index], NULL);
    }
    unsigned char number;
    while (read(held_pipe[0], &number, 1) == 1) {
        // Sent to the process, it would come to another thread, and later; threads of Swift's pool let none through.
        sigset_t one, previous;
        sigemptyset(&one);
        sigaddset(&one, number);
        pthread_sigmask(SIG_UNBLOCK, &one, &previous);
        raise(number);
        pthread_sigmask(SIG_SETMASK, &previous, NULL);
    }
}

int clinux_peer_user(int descriptor, uid_t *user) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    int error = status(getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length));
    *user = error == 0 ? credentials.uid : (uid_t)-1;
    return error;
}

int clinux_accept(int listener) {
    return value(accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int clinux_may_administer_networks(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, sets) != 0) {
        return -errno;
    }
    return sets[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN) ? 1 : 0;
}

void clinux_prepare_user_database(void) {
    if (getauxval(AT_BASE) == 0) {
        __nss_configure_lookup("passwd", "files");
    }
}

int clinux_open_process(pid_t process) {
    return value(syscall(SYS_pidfd_open, process, 0));
}

int clinux_signal_process(int descriptor, int signal) {
    return status(syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0));
}
