// System calls that Swift's Glibc module does not import.
// Each returns 0 or an errno value; one that makes a descriptor or reads a value returns it, or a negated errno value.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

// setns(2) into a network namespace. Only for a thread that ends afterwards.
int clinux_enter_network_namespace(int descriptor);

// unshare(2) with CLONE_NEWNET. Only for a thread that ends afterwards.
int clinux_unshare_network_namespace(void);

// prctl(2) with PR_SET_DUMPABLE 0: no core dump, no ptrace by the same user.
int clinux_forbid_dumping(void);

// openat(2) with O_PATH | O_NOFOLLOW | O_CLOEXEC: a handle on a name, whatever it is, that opens nothing.
int clinux_open_path(int directory, const char *name);

// openat(2) with O_TMPFILE: a file of mode 0600 to write to, in the directory's file system and without a name.
int clinux_create_unnamed(int directory);

// linkat(2): gives such a file its name, which nothing may have.
int clinux_name(int file, int directory, const char *name);

// renameat2(2) within one directory with RENAME_NOREPLACE.
int clinux_rename_without_replacing(int directory, const char *from, const char *to);

// sigaction(2) for INT, TERM, HUP and USR1: from now on each writes its number, one byte, to a pipe. Returns the pipe's other
// end, close-on-exec and non-blocking. A HUP that was ignored (nohup) stays ignored.
int clinux_catch_termination_signals(void);

// sigaction(2) for INT, TERM, HUP, QUIT and TSTP: until the release each only makes a descriptor readable, which is returned
// and stays ours. One that was ignored stays ignored. For one thread at a time.
int clinux_hold_signals(void);

// Puts back what these signals did before, and raises those that came in between.
void clinux_release_signals(void);

// getsockopt(2) with SO_PEERCRED: the user who listens at the other end of a connected unix socket.
int clinux_peer_user(int descriptor, uid_t *user);

// syncfs(2): the file system of an open file.
int clinux_synchronize_file_system(int descriptor);

// accept4(2) with SOCK_CLOEXEC | SOCK_NONBLOCK.
int clinux_accept(int listener);

// capget(2): whether this process has CAP_NET_ADMIN, 1 or 0.
int clinux_may_administer_networks(void);

// nss(5): a program that is linked statically, and so was not loaded by anything (getauxval(3), AT_BASE), is to find users in
// /etc/passwd alone. What else nsswitch.conf(5) may name are modules, in which it would crash.
void clinux_prepare_user_database(void);

// pidfd_open(2).
int clinux_open_process(pid_t process);

// pidfd_send_signal(2).
int clinux_signal_process(int descriptor, int signal);

// fork(2) of a process with one thread into a child that can compute and nothing else: nobody instead of root, no new
// privileges, no file but /dev/null and its end of a socket pair, and, where the kernel filters system calls, no way to
// open one; elsewhere no network. It dies with its parent. Returns its pid in the parent, 0 in the child, or a negated
// errno value: EBUSY with more than one thread. A child that cannot be confined exits at once with status 126.
pid_t clinux_fork_confined(int *channel);
