// System calls that Swift's Glibc module does not import. Each returns 0, or an errno value.
#pragma once

// setns(2) into a network namespace. Only for a thread that ends afterwards.
int clinux_enter_network_namespace(int descriptor);

// unshare(2) with CLONE_NEWNET. Only for a thread that ends afterwards.
int clinux_unshare_network_namespace(void);

// prctl(2) with PR_SET_DUMPABLE 0: no core dump, no ptrace by the same user.
int clinux_forbid_dumping(void);
