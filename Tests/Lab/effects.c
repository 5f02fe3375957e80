// What wgup does to a host, counted, and made to fail or to be the last thing that it does.
//
//   cc -shared -fPIC -o effects.so effects.c
//   env LD_PRELOAD=/path/effects.so EFFECTS_LOG=FILE wgup server
//
// Every call of the C library that changes something outside the process is an effect, with the numbers 1, 2, 3 and so on.
// What only asks is none. Programs that wgup starts are not watched: it gives them an environment of its own.
//
//   EFFECTS_LOG=FILE    a line for each effect, before it happens
//   EFFECTS_KILL=N      the process kills itself instead of effect N
//   EFFECTS_CLAIMED=C   a command of the shell that is run as soon as the process has its first lock
//   EFFECTS_FAIL=N      effect N fails: the kernel refuses a netlink request, other calls end with EIO
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int count;

static int number(const char *variable) {
    const char *text = getenv(variable);
    return text ? atoi(text) : 0;
}

static void record(int effect, const char *text) {
    const char *path = getenv("EFFECTS_LOG");
    char line[512];
    if (path == NULL) {
        return;
    }
    // Past this library's own functions.
    int log = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int length = snprintf(line, sizeof line, "%d %s\n", effect, text);
    ssize_t ignored = write(log, line, (size_t)length);
    (void)ignored;
    close(log);
}

// Returns whether the effect is to fail.
static int happens(const char *format, ...) {
    int effect = atomic_fetch_add(&count, 1) + 1;
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    record(effect, text);
    if (effect == number("EFFECTS_KILL")) {
        kill(getpid(), SIGKILL);
        for (;;) {
            pause();
        }
    }
    if (effect == number("EFFECTS_FAIL")) {
        errno = EIO;
        return 1;
    }
    return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int socket_option(int descriptor, int option) {
    int value = -1;
    socklen_t length = sizeof value;
    getsockopt(descriptor, SOL_SOCKET, option, &value, &length);
    return value;
}

ssize_t sendto(int descriptor, const void *bytes, size_t length, int flags, const struct sockaddr *address,
    socklen_t address_length) {
    char copy[65536];
    const struct nlmsghdr *header = bytes;
    if (socket_option(descriptor, SO_DOMAIN) != AF_NETLINK || length < NLMSG_HDRLEN || length > sizeof copy) {
        return REAL(sendto)(descriptor, bytes, length, flags, address, address_length);
    }
    int fails = 0, is_route = socket_option(descriptor, SO_PROTOCOL) == NETLINK_ROUTE;
    const struct genlmsghdr *generic = (const void *)((const char *)bytes + NLMSG_HDRLEN);
    if (is_route && (header->nlmsg_type & 3) != 2) {
        fails = happens("netlink route %d", header->nlmsg_type);
    } else if (!is_route && header->nlmsg_type != GENL_ID_CTRL && generic->cmd != 0) {
        fails = happens("netlink generic %d", generic->cmd);
    }
    if (fails) {
        // A request that the kernel does not know, so that it refuses by itself.
        memcpy(copy, bytes, length);
        if (is_route) {
            ((struct nlmsghdr *)(void *)copy)->nlmsg_type = 0xfffc;
        } else {
            ((struct genlmsghdr *)(void *)(copy + NLMSG_HDRLEN))->cmd = 0xff;
        }
        bytes = copy;
    }
    return REAL(sendto)(descriptor, bytes, length, flags, address, address_length);
}

ssize_t send(int descriptor, const void *bytes, size_t length, int flags) {
    if (length >= 4 && memcmp(bytes, "get=", 4) != 0 && happens("device")) {
        return -1;
    }
    return REAL(send)(descriptor, bytes, length, flags);
}

// Whether it makes a file. What is there already is not made, and not with O_EXCL.
static int creates(int directory, const char *path, int flags, mode_t *mode, va_list arguments) {
    *mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    return flags & O_CREAT && faccessat(directory, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

int open(const char *path, int flags, ...) {
    mode_t mode;
    va_list arguments;
    va_start(arguments, flags);
    int is_effect = creates(AT_FDCWD, path, flags, &mode, arguments);
    va_end(arguments);
    return is_effect && happens("open %s", path) ? -1 : REAL(open)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    mode_t mode;
    va_list arguments;
    va_start(arguments, flags);
    int is_effect = creates(directory, path, flags, &mode, arguments);
    va_end(arguments);
    return is_effect && happens("open %s", path) ? -1 : REAL(openat)(directory, path, flags, mode);
}

long syscall(long which, ...) {
    va_list list;
    long a[6];
    va_start(list, which);
    for (int index = 0; index < 6; index++) {
        a[index] = va_arg(list, long);
    }
    va_end(list);
    if (which == SYS_pidfd_send_signal && happens("signal")) {
        return -1;
    }
    return REAL(syscall)(which, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int posix_spawn(pid_t *process, const char *path, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
    return happens("start %s", path) ? errno : REAL(posix_spawn)(process, path, actions, attributes, arguments, environment);
}

#define EFFECT(result, name, parameters, arguments, ...) \
    result name parameters { return happens(#name " " __VA_ARGS__) ? -1 : REAL(name) arguments; }

EFFECT(int, mkdir, (const char *path, mode_t mode), (path, mode), "%s", path)
EFFECT(int, mkdirat, (int directory, const char *path, mode_t mode), (directory, path, mode), "%s", path)
EFFECT(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), "%s", to)
EFFECT(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), "%s", to)
EFFECT(int, rmdir, (const char *path), (path), "%s", path)
EFFECT(int, unlink, (const char *path), (path), "%s", path)
EFFECT(int, unlinkat, (int directory, const char *path, int flags), (directory, path, flags), "%s", path)
EFFECT(int, mount, (const char *from, const char *to, const char *type, unsigned long flags, const void *data),
    (from, to, type, flags, data), "%s", to)
EFFECT(int, umount2, (const char *path, int flags), (path, flags), "%s", path)
EFFECT(int, unshare, (int flags), (flags), "")

int flock(int descriptor, int operation) {
    static atomic_flag is_claimed = ATOMIC_FLAG_INIT;
    int result = REAL(flock)(descriptor, operation);
    const char *command = getenv("EFFECTS_CLAIMED");
    if (result == 0 && operation & LOCK_EX && command != NULL && !atomic_flag_test_and_set(&is_claimed)) {
        int ignored = system(command);
        (void)ignored;
    }
    return result;
}
