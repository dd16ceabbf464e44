/* Opening, reading, locking, and what a child inherits. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "walnut.h"

/* The status of a child that could not become another program. */
enum { CANNOT_START = 127 };

static int32_t directory;

static void expect_kind(int32_t result, int32_t kind) {
    EXPECT_EQ(result < 0, 1);
    EXPECT_EQ(walnut_error_kind(-result), kind);
}

static void modes_open_what_they_say(void) {
    expect_kind(walnut_open(directory, "a", WALNUT_OPEN_READ), WALNUT_KIND_MISSING);
    expect_kind(walnut_open(directory, "a", WALNUT_OPEN_WRITE), WALNUT_KIND_MISSING);
    int32_t created = walnut_open(directory, "a", WALNUT_OPEN_CREATE);
    EXPECT_EQ(created >= 0, 1);
    expect_kind(walnut_open(directory, "a", WALNUT_OPEN_CREATE), WALNUT_KIND_EXISTS);
    int32_t prepared = walnut_open(directory, "a", WALNUT_OPEN_PREPARE);
    EXPECT_EQ(prepared >= 0, 1);
    EXPECT_EQ(walnut_open(directory, "a", 99), -EINVAL);
    EXPECT_EQ(walnut_close(created), 0);
    EXPECT_EQ(walnut_close(prepared), 0);
    EXPECT_EQ(walnut_close(prepared), -EBADF);
    EXPECT_EQ(walnut_unlink(directory, "a"), 0);
    expect_kind(walnut_unlink(directory, "a"), WALNUT_KIND_MISSING);
    expect_kind(walnut_open_directory("no/such/directory"), WALNUT_KIND_MISSING);
}

/* Ends by the test's time limit if opening the pipe waits. */
static void only_regular_files_are_opened(void) {
    EXPECT_EQ(mkfifoat(directory, "foreign", 0600), 0);
    EXPECT_EQ(walnut_open(directory, "foreign", WALNUT_OPEN_READ), -WALNUT_E_NOT_REGULAR);
    EXPECT_EQ(walnut_open(directory, "foreign", WALNUT_OPEN_WRITE), -WALNUT_E_NOT_REGULAR);
    EXPECT_EQ(walnut_unlink(directory, "foreign"), 0);

    EXPECT_EQ(symlinkat("target", directory, "foreign"), 0);
    EXPECT_EQ(walnut_open(directory, "foreign", WALNUT_OPEN_READ), -WALNUT_E_NOT_REGULAR);
    EXPECT_EQ(walnut_open(directory, "foreign", WALNUT_OPEN_PREPARE), -WALNUT_E_NOT_REGULAR);
    EXPECT_EQ(walnut_unlink(directory, "foreign"), 0);

    EXPECT_EQ(mkdirat(directory, "foreign", 0700), 0);
    EXPECT_EQ(walnut_open(directory, "foreign", WALNUT_OPEN_READ), -WALNUT_E_NOT_REGULAR);
    EXPECT_EQ(walnut_open(directory, "foreign", WALNUT_OPEN_WRITE), -WALNUT_E_NOT_REGULAR);
    EXPECT_EQ(unlinkat(directory, "foreign", AT_REMOVEDIR), 0);
}

static void sizes_and_reads(void) {
    char bytes[16];
    int32_t fd = walnut_open(directory, "a", WALNUT_OPEN_CREATE);
    EXPECT_EQ(walnut_truncate(fd, 10), 0);
    EXPECT_EQ(walnut_size(fd), 10);
    EXPECT_EQ(walnut_read(fd, bytes, 16, 4), 6);
    EXPECT_EQ(walnut_read(fd, bytes, 16, 10), 0);
    EXPECT_EQ(walnut_read(fd, bytes, 0, 0), 0);
    int32_t reserved = walnut_reserve(fd, 0, 8192);
    EXPECT_EQ(reserved >= 0, 1);
    EXPECT_EQ(walnut_size(fd), reserved ? 8192 : 10);
    EXPECT_EQ(walnut_sync(fd), 0);
    EXPECT_EQ(walnut_sync_directory(directory), 0);
    EXPECT_EQ(walnut_close(fd), 0);
    EXPECT_EQ(walnut_size(fd), -EBADF);
    EXPECT_EQ(walnut_read(fd, bytes, 16, 0), -EBADF);
    EXPECT_EQ(walnut_sync(fd), -EBADF);
    EXPECT_EQ(walnut_unlink(directory, "a"), 0);
}

static void identity_follows_the_file_not_the_name(void) {
    int32_t fd = walnut_open(directory, "a", WALNUT_OPEN_CREATE);
    EXPECT_EQ(walnut_is_same(fd, directory, "a"), 1);
    EXPECT_EQ(renameat(directory, "a", directory, "b"), 0);
    EXPECT_EQ(walnut_is_same(fd, directory, "a"), 0);
    EXPECT_EQ(walnut_is_same(fd, directory, "b"), 1);
    int32_t other = walnut_open(directory, "a", WALNUT_OPEN_CREATE);
    EXPECT_EQ(walnut_is_same(fd, directory, "a"), 0);
    EXPECT_EQ(symlinkat("b", directory, "link"), 0);
    EXPECT_EQ(walnut_is_same(fd, directory, "link"), 0);
    EXPECT_EQ(walnut_close(fd), 0);
    EXPECT_EQ(walnut_close(other), 0);
    EXPECT_EQ(walnut_unlink(directory, "a"), 0);
    EXPECT_EQ(walnut_unlink(directory, "b"), 0);
    EXPECT_EQ(walnut_unlink(directory, "link"), 0);
}

/* Runs `body` in a child and returns its exit status. */
static int in_child(int (*body)(void)) {
    pid_t child = fork();
    EXPECT_EQ(child >= 0, 1);
    if (child == 0) {
        _exit(body());
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WIFEXITED(status), 1);
    return WEXITSTATUS(status);
}

static int record_lock_is_refused(void) {
    int fd = openat(directory, "lock", O_RDWR);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == -1 && (errno == EAGAIN || errno == EACCES);
}

static int record_lock_is_granted(void) {
    int fd = openat(directory, "lock", O_RDWR);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == 0;
}

static void locks_meet_those_of_others(void) {
    int32_t first = walnut_open(directory, "lock", WALNUT_OPEN_PREPARE);
    EXPECT_EQ(walnut_lock(first), 0);
    EXPECT_EQ(in_child(record_lock_is_refused), 1);
#if defined(__linux__)
    /* A lock of the descriptor, not of the process: another one meets it, and does not drop it. */
    int32_t second = walnut_open(directory, "lock", WALNUT_OPEN_PREPARE);
    expect_kind(walnut_lock(second), WALNUT_KIND_HELD);
    EXPECT_EQ(walnut_close(second), 0);
    EXPECT_EQ(in_child(record_lock_is_refused), 1);
#endif
    EXPECT_EQ(walnut_close(first), 0);
    EXPECT_EQ(in_child(record_lock_is_granted), 1);
    EXPECT_EQ(walnut_unlink(directory, "lock"), 0);
}

/* In a program started by this one, the descriptors named by its arguments must be unknown. */
static int check_inherited(int count, char **numbers) {
    for (int i = 0; i < count; i++) {
        EXPECT_EQ(fcntl(atoi(numbers[i]), F_GETFD), -1);
    }
    return 0;
}

static void nothing_is_inherited(const char *program) {
    int32_t fd = walnut_open(directory, "a", WALNUT_OPEN_CREATE);
    char file_number[16];
    char directory_number[16];
    snprintf(file_number, sizeof file_number, "%d", fd);
    snprintf(directory_number, sizeof directory_number, "%d", directory);
    pid_t child = fork();
    EXPECT_EQ(child >= 0, 1);
    if (child == 0) {
        execl(program, program, file_number, directory_number, (char *)NULL);
        _exit(CANNOT_START);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_START) {
        printf("file: inheritance not checked: this program cannot start itself (emulated?)\n");
    } else {
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(walnut_close(fd), 0);
    EXPECT_EQ(walnut_unlink(directory, "a"), 0);
}

static void no_descriptors_left(void) {
    struct rlimit before;
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit limited = {(rlim_t)directory + 1, before.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limited), 0);
    EXPECT_EQ(walnut_open(directory, "a", WALNUT_OPEN_CREATE), -EMFILE);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_kind(walnut_open(directory, "a", WALNUT_OPEN_READ), WALNUT_KIND_MISSING);
}

static void words_fit_their_room(void) {
    char words[64];
    memset(words, 'x', sizeof words);
    int32_t length = walnut_error_text(ENOSPC, words, 32);
    EXPECT_EQ(length > 5 && length <= 32, 1);
    EXPECT_EQ(words[length], 'x');
    EXPECT_EQ(walnut_error_text(ENOSPC, words, 4), 4);
    EXPECT_EQ(walnut_error_text(WALNUT_E_NOT_REGULAR, words, 64), 18);
    EXPECT_EQ(memcmp(words, "not a regular file", 18), 0);
}

int main(int count, char **arguments) {
    if (count > 1) {
        return check_inherited(count - 1, arguments + 1);
    }
    EXPECT_EQ(walnut_abi(), WALNUT_ABI);
    char name[] = "file-test-XXXXXX";
    EXPECT_EQ(mkdtemp(name) != NULL, 1);
    directory = walnut_open_directory(name);
    EXPECT_EQ(directory >= 0, 1);
    EXPECT_EQ(walnut_is_same(directory, -1, name), 1);
    EXPECT_EQ(walnut_is_same(directory, -1, "."), 0);
    modes_open_what_they_say();
    only_regular_files_are_opened();
    sizes_and_reads();
    identity_follows_the_file_not_the_name();
    locks_meet_those_of_others();
    nothing_is_inherited(arguments[0]);
    no_descriptors_left();
    words_fit_their_room();
    EXPECT_EQ(walnut_close(directory), 0);
    EXPECT_EQ(rmdir(name), 0);
    return 0;
}
