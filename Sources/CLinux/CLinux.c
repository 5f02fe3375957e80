#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
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

int clinux_rename_without_replacing(int directory, const char *from, const char *to) {
    return status(renameat2(directory, from, directory, to, RENAME_NOREPLACE));
}

int clinux_signal_descriptor(const sigset_t *signals) {
    return value(signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

int clinux_read_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count < 0) {
        return -errno;
    }
    return count == sizeof info ? (int)info.ssi_signo : -EIO;
}

int clinux_peer_user(int descriptor, uid_t *user) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    int error = status(getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length));
    *user = error == 0 ? credentials.uid : (uid_t)-1;
    return error;
}

int clinux_open_process(pid_t process) {
    return value(syscall(SYS_pidfd_open, process, 0));
}

int clinux_signal_process(int descriptor, int signal) {
    return status(syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0));
}
