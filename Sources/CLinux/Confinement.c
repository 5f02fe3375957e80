#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What a process needs that reads and writes what is open already, keeps secrets in locked memory, and ends.
static const int allowed[] = {
    SYS_read,      SYS_write,     SYS_close,       SYS_exit,          SYS_exit_group,    SYS_mmap,
    SYS_munmap,    SYS_mprotect,  SYS_mremap,      SYS_madvise,       SYS_brk,           SYS_mlock,
    SYS_munlock,   SYS_getrandom, SYS_futex,       SYS_clock_gettime, SYS_rt_sigreturn,  SYS_rt_sigprocmask,
    SYS_sigaltstack, SYS_gettid,  SYS_getpid,      SYS_sched_yield,
};
enum { allowed_count = sizeof allowed / sizeof *allowed };

#if defined __x86_64__
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define OUR_ARCHITECTURE 0
#endif

static int filter_system_calls(void) {
    // By position: the architecture, the number, one test for each call, and the two verdicts. A number of the x32 ABI
    // is greater than all of these, and equal to none.
    struct sock_filter program[4 + allowed_count + 2] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    for (int index = 0; index < allowed_count; index++) {
        program[4 + index] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[index], (unsigned char)(allowed_count - index), 0);
    }
    program[4 + allowed_count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    program[5 + allowed_count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static int confine(void) {
    const struct rlimit none = {0, 0}, seconds = {10, 10};
    const int is_root = geteuid() == 0;
    // 65534 is nobody, or, where a user namespace does not have it, not there.
    const int is_nobody = is_root && setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 &&
        setresuid(65534, 65534, 65534) == 0;
    if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_FSIZE, &none) != 0 ||
        setrlimit(RLIMIT_NPROC, &none) != 0 || setrlimit(RLIMIT_CPU, &seconds) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return errno;
    }
    if (OUR_ARCHITECTURE != 0 && filter_system_calls() == 0) {
        return 0;
    }
    // A kernel without filters: who is root no more, and has no network, is confined enough.
    return is_nobody ? 0 : EPERM;
}

static int is_single_threaded(void) {
    struct stat tasks;
    // A directory has one link for each directory in it, and two of its own.
    return stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;
}

pid_t clinux_fork_confined(int *channel) {
    int ends[2];
    if (!is_single_threaded()) {
        return -EBUSY;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return -errno;
    }
    const pid_t parent = getpid(), child = fork();
    if (child < 0) {
        const int error = errno;
        close(ends[0]);
        close(ends[1]);
        return -error;
    }
    if (child > 0) {
        close(ends[1]);
        *channel = ends[0];
        return child;
    }
    const int nothing = open("/dev/null", O_RDWR);
    *channel = 3;
    if (nothing < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(nothing, 0) < 0 ||
        dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0 || dup2(ends[1], *channel) < 0 ||
        syscall(SYS_close_range, *channel + 1, ~0U, 0) != 0 ||
        // Costs milliseconds, so only where no filter closes the network.
        (prctl(PR_GET_SECCOMP) < 0 && unshare(CLONE_NEWNET) != 0) || confine() != 0) {
        _exit(126);
    }
    return 0;
}
