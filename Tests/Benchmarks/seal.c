// The least that sealing a bundle to each of many peers can cost: the calls of libsodium, on all cores, and nothing around
// them.
//
//   seal COUNT              check, sign and seal as often as that
//   seal COUNT DIRECTORY    and write the files, as many at a time as `wgbundle seal --batch`, and as durably
//
// All bundles are for one peer: they cost the same whoever they are for.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Of a bundle with one peer and one endpoint: what is signed, what of it is not sent, what is sealed, what is sent.
enum { MESSAGE = 370, PREFIX = 89, PLAINTEXT = 384, BUNDLE = 8 + crypto_box_SEALBYTES + PLAINTEXT };
enum { THREAD_LIMIT = 64, CHUNK_MINIMUM = 1000, CHUNK_COUNT = 16, RECORD = 400 };

static unsigned char verification_key[32], signing_key[64], sealing_key[32], opening_key[32], root[32];
static int thread_count, records = -1, bundles = -1;
static size_t chunk_start, chunk_count;
static unsigned char (*sealed)[BUNDLE];

static void fail(const char *what) {
    fprintf(stderr, "seal: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void blake2b(unsigned char *digest, const void *message, size_t count, const void *key, const void *salt) {
    static const unsigned char personal[16] = "a benchmark only";
    crypto_generichash_blake2b_salt_personal(digest, 32, message, count, key, key ? 32 : 0, salt, personal);
}

static void seal(unsigned char *bundle) {
    unsigned char identity[97] = {1}, fingerprint[32], salt[16], preshared_key[32];
    unsigned char message[PREFIX + PLAINTEXT] = {0};
    memcpy(identity + 1, verification_key, 32);
    if (crypto_core_ed25519_is_valid_point(verification_key) != 1) fail("key");
    blake2b(fingerprint, identity, sizeof identity, NULL, NULL);
    randombytes_buf(salt, sizeof salt);
    blake2b(preshared_key, identity, 64, root, salt);
    memcpy(message + PREFIX, preshared_key, sizeof preshared_key);
    // The signature takes the place of the end of what is not sent.
    unsigned char signature[64], *plaintext = message + PREFIX - sizeof signature;
    crypto_sign_detached(signature, NULL, message, MESSAGE, signing_key);
    memcpy(plaintext, signature, sizeof signature);
    if (crypto_box_seal(bundle + 8, plaintext, PLAINTEXT, sealing_key) != 0) fail("seal");
    sodium_memzero(message, sizeof message);
    sodium_memzero(preshared_key, sizeof preshared_key);
}

// The file appears complete, or not at all.
static void write_file(int directory, size_t number, const void *bytes, size_t count) {
    char name[32], source[32];
    int file = openat(directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
    snprintf(name, sizeof name, "peer-%08zx", number * 2654435761u & 0xffffffff);
    snprintf(source, sizeof source, "/proc/self/fd/%d", file);
    if (file < 0 || write(file, bytes, count) != (ssize_t)count) fail(name);
    if (linkat(AT_FDCWD, source, directory, name, AT_SYMLINK_FOLLOW) != 0 || close(file) != 0) fail(name);
}

static void *seal_share(void *number) {
    static const char record[RECORD] = "";
    for (size_t index = (size_t)number; index < chunk_count; index += thread_count) {
        seal(sealed[index]);
        if (records >= 0) write_file(records, chunk_start + index, record, sizeof record);
    }
    return NULL;
}

static void *write_share(void *number) {
    for (size_t index = (size_t)number; index < chunk_count; index += thread_count) {
        write_file(bundles, chunk_start + index, sealed[index], BUNDLE);
    }
    return NULL;
}

static void on_all_cores(void *body(void *)) {
    pthread_t threads[THREAD_LIMIT];
    for (int index = 0; index < thread_count; index++) {
        if (pthread_create(&threads[index], NULL, body, (void *)(size_t)index) != 0) fail("thread");
    }
    for (int index = 0; index < thread_count; index++) pthread_join(threads[index], NULL);
}

static int make_directory(const char *parent, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    int directory = mkdir(path, 0700) == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (directory < 0) fail(path);
    return directory;
}

int main(int word_count, char **words) {
    size_t count = word_count > 1 ? strtoul(words[1], NULL, 10) : 0;
    if (word_count > 3 || count == 0) return 64;
    if (sodium_init() < 0) fail("no random source");
    crypto_sign_keypair(verification_key, signing_key);
    crypto_box_keypair(sealing_key, opening_key);
    randombytes_buf(root, sizeof root);
    if (word_count == 3) {
        records = make_directory(words[2], "records");
        bundles = make_directory(words[2], "bundles");
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    thread_count = cores < 1 ? 1 : cores > THREAD_LIMIT ? THREAD_LIMIT : cores;
    size_t chunk = count / CHUNK_COUNT > CHUNK_MINIMUM ? count / CHUNK_COUNT : CHUNK_MINIMUM;
    sealed = calloc(chunk, sizeof *sealed);
    if (!sealed) fail("memory");
    for (; chunk_start < count; chunk_start += chunk) {
        chunk_count = count - chunk_start < chunk ? count - chunk_start : chunk;
        on_all_cores(seal_share);
        if (bundles < 0) continue;
        // No bundle leaves before the disk knows whom it is for.
        if (syncfs(records) != 0) fail("syncfs");
        on_all_cores(write_share);
    }
    if (bundles >= 0 && syncfs(bundles) != 0) fail("syncfs");
    return 0;
}
