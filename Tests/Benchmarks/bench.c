// Times programs side by side: one run of each, then the next round, so that whatever slows the machine slows them all.
//
//   bench ROW WARM-UPS ROUNDS <VARIANTS
//
// A variant is a few lines, and begins with its name:
//
//   variant NAME
//   before COMMAND   for sh, not timed
//   run PROGRAM…     timed from its start to its end; words with spaces between them, and no shell
//   until TEXT       timed to a line with that text; then it gets an INT, and its end is awaited
//   ending           timed from that INT to its end
//   killed           it gets a KILL instead, and leaves what it has made
//   after COMMAND    for sh, not timed
//
// Prints a line for each: row, name, minimum, median and maximum in milliseconds, the median of the time that it had of
// all processors together, and the most kilobytes resident.
// Rounds that warm up are not counted. Whatever ends with another status than 0 ends everything.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { VARIANT_LIMIT = 16, WORD_LIMIT = 64, ROUND_LIMIT = 1000, OUTPUT_LIMIT = 1 << 16 };

struct variant {
    char *name, *before, *until, *after, *words[WORD_LIMIT + 1];
    int is_ending, is_killed;
    long kilobytes;
    double milliseconds[ROUND_LIMIT], processor[ROUND_LIMIT];
};

static struct variant variants[VARIANT_LIMIT];
static char output[OUTPUT_LIMIT + 1];

static void fail(const struct variant *variant, const char *what) {
    fprintf(stderr, "bench: %s: %s\n%s", variant ? variant->name : "error", what, output);
    exit(70);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void shell(const struct variant *variant, const char *command) {
    if (command && system(command) != 0) fail(variant, command);
}

static pid_t start(char **words, int stream) {
    pid_t child = fork();
    if (child == 0) {
        dup2(stream, 1);
        dup2(stream, 2);
        execvp(words[0], words);
        _exit(127);
    }
    return child;
}

// Reads until there is a line with the text, or the program's end.
static void await_line(const struct variant *variant, int stream) {
    size_t count = 0;
    while (!strstr(output, variant->until)) {
        ssize_t added = read(stream, output + count, OUTPUT_LIMIT - count);
        if (added <= 0) fail(variant, "ended early");
        output[count += added] = 0;
    }
}

static void run(struct variant *variant, int round) {
    int streams[2], status;
    struct rusage usage;
    output[0] = 0;
    shell(variant, variant->before);
    if (variant->until) {
        if (pipe2(streams, O_CLOEXEC) != 0) fail(variant, "pipe");
    } else {
        // What a daemon keeps open is no reason to wait for it.
        streams[0] = streams[1] = memfd_create("output", MFD_CLOEXEC);
    }
    double began = now();
    pid_t child = start(variant->words, streams[1]);
    if (variant->until) close(streams[1]);
    double ended = 0;
    if (variant->until) {
        await_line(variant, streams[0]);
        ended = now();
        if (variant->is_ending) began = ended;
        kill(child, variant->is_killed ? SIGKILL : SIGINT);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) fail(variant, "wait");
    if (!variant->until || variant->is_ending) ended = now();
    if (status != (variant->is_killed ? SIGKILL : 0)) {
        ssize_t count = variant->until ? read(streams[0], output, OUTPUT_LIMIT) : pread(streams[0], output, OUTPUT_LIMIT, 0);
        output[count > 0 ? count : 0] = 0;
        fail(variant, "failed");
    }
    close(streams[0]);
    shell(variant, variant->after);
    if (round >= 0) {
        variant->milliseconds[round] = ended - began;
        variant->processor[round] = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
            + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
    }
    if (usage.ru_maxrss > variant->kilobytes) variant->kilobytes = usage.ru_maxrss;
}

static char *after_word(char *line, const char *word) {
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0 || (line[length] != ' ' && line[length] != 0)) return NULL;
    return strdup(line[length] ? line + length + 1 : "");
}

static int read_variants(void) {
    static char line[4096];
    struct variant *variant = variants - 1;
    while (fgets(line, sizeof line, stdin)) {
        char *text;
        line[strcspn(line, "\n")] = 0;
        if (line[0] == 0) continue;
        if ((text = after_word(line, "variant"))) {
            if (++variant == variants + VARIANT_LIMIT) fail(NULL, "too many variants");
            variant->name = text;
        } else if (variant < variants) {
            fail(NULL, line);
        } else if ((text = after_word(line, "before"))) {
            variant->before = text;
        } else if ((text = after_word(line, "until"))) {
            variant->until = text;
        } else if (after_word(line, "ending")) {
            variant->is_ending = 1;
        } else if (after_word(line, "killed")) {
            variant->is_killed = 1;
        } else if ((text = after_word(line, "after"))) {
            variant->after = text;
        } else if ((text = after_word(line, "run"))) {
            int count = 0;
            for (char *word = strtok(text, " "); word && count < WORD_LIMIT; word = strtok(NULL, " ")) {
                variant->words[count++] = word;
            }
        } else {
            fail(NULL, line);
        }
    }
    return variant - variants + 1;
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **words) {
    int warm_ups = count == 4 ? atoi(words[2]) : 0, rounds = count == 4 ? atoi(words[3]) : 0;
    if (rounds < 1 || rounds > ROUND_LIMIT) return 64;
    int variant_count = read_variants();
    for (int round = -warm_ups; round < rounds; round++) {
        for (int index = 0; index < variant_count; index++) run(&variants[index], round);
    }
    for (int index = 0; index < variant_count; index++) {
        struct variant *variant = &variants[index];
        double *times = variant->milliseconds;
        qsort(times, rounds, sizeof *times, compare);
        qsort(variant->processor, rounds, sizeof *times, compare);
        printf("%s\t%s\t%.3f\t%.3f\t%.3f\t%.3f\t%ld\n", words[1], variant->name, times[0], times[rounds / 2],
            times[rounds - 1], variant->processor[rounds / 2], variant->kilobytes);
    }
    return 0;
}
