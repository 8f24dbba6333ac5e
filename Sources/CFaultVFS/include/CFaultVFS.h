/*
 * A SQLite VFS that fails on purpose: for tests and the simulator, never for a product's own store.
 *
 * A `fault_disk` is one disk of one test. It registers a VFS under a name of its own, which a database
 * is opened with (`file:/folder/store.sqlite?vfs=NAME`), and passes everything on to the default VFS
 * of the process, or to another one that it was made with, except what its plan says.
 *
 * What the files hold is what the running process sees, as with an operating system's page cache: a
 * process that is killed leaves the files as they are. Beside them the disk remembers every write since
 * the last sync of that file together with the bytes that it replaced. `fault_disk_lose_power` takes
 * all of them back and then gives back some: what a real disk may hold after the current went.
 *
 * The real files are never synced, which makes the loops fast.
 *
 * Every call may come from any thread; one disk's calls take turns.
 */
#ifndef CFAULTVFS_H
#define CFAULTVFS_H

#include <stdint.h>

typedef struct fault_disk fault_disk;

/* The kinds of operation, as bits. */
enum {
  FAULT_OPEN = 1 << 0,
  FAULT_READ = 1 << 1,
  FAULT_WRITE = 1 << 2,
  FAULT_TRUNCATE = 1 << 3,
  FAULT_SYNC = 1 << 4,
  FAULT_SIZE = 1 << 5,
  FAULT_LOCK = 1 << 6,
  FAULT_SHARED_MEMORY = 1 << 7,
  FAULT_DELETE = 1 << 8,
  FAULT_ACCESS = 1 << 9,
  FAULT_KINDS = 10
};

/* What happens at the operation that a plan names. */
enum {
  /* It is not done, and the code is returned. */
  FAULT_FAIL = 0,
  /* A write is done by half before the code is returned; anything else fails. */
  FAULT_SHORT = 1,
  /* A write or truncation is done, then the power goes: nothing works on open files any more. */
  FAULT_POWER = 2
};

/* Which operations fail. */
typedef struct {
  /* The kinds that count for this plan; 0 is no plan. */
  uint32_t kinds;
  /* The first of them that fails, from 1. */
  int64_t first;
  /* How many fail from there; below 0 is all. */
  int64_t times;
  /* SQLite's result code; 0 is the input/output error of that kind. */
  int code;
  /* FAULT_FAIL, FAULT_SHORT or FAULT_POWER. */
  int effect;
} fault_plan;

/* What of the unsynced writes is on the disk after a loss of power. */
enum {
  /* Everything: the process was killed, and the operating system lived on. */
  FAULT_KEEP_ALL = 0,
  /* Nothing. */
  FAULT_LOSE_ALL = 1,
  /* Some of the 512-byte sectors, in any order: each holds one of the versions it had. */
  FAULT_LOSE_SOME = 2
};

/* Lets SQLite keep no account of its memory, which all threads keep under one lock: for a process that runs
 * many stores. It does nothing once SQLite is in use. */
void fault_keep_no_account(void);

/* Makes a disk over the VFS of a name, the default one for NULL, and registers its own; NULL without
 * memory, or without that VFS. */
fault_disk *fault_disk_make(const char *beneath);
/* Gives a disk back. It lives on until its last file is closed. */
void fault_disk_release(fault_disk *disk);
/* The VFS's name; valid until the release. */
const char *fault_disk_name(fault_disk *disk);

/* Sets the plan; its counting begins here. */
void fault_disk_arm(fault_disk *disk, fault_plan plan);
/* How many operations the plan has failed. */
int64_t fault_disk_fired(fault_disk *disk);
/* How many operations of these kinds there were since the counters were reset. */
int64_t fault_disk_count(fault_disk *disk, uint32_t kinds);
void fault_disk_reset_counts(fault_disk *disk);

/* Lets a folder's files grow to this many bytes together, without the shared memory; below 0 is no
 * limit. A write that goes beyond returns SQLITE_FULL. */
void fault_disk_set_quota(fault_disk *disk, int64_t bytes);
/* How much the quota still allows in a folder. */
int64_t fault_disk_free_bytes(fault_disk *disk, const char *folder);
/* Whether syncs say that they are done and do nothing: a disk that lies. */
void fault_disk_set_lying(fault_disk *disk, int is_lying);
/* Whether files can be read only. */
void fault_disk_set_read_only(fault_disk *disk, int is_read_only);

/* Loses power and finds it again: every file that is open is dead, and the files on the disk hold what
 * `loss` and `seed` say. Files are worked on again when they are opened again.
 * Returns 0, or -1 where a file cannot be brought into that state. */
int fault_disk_lose_power(fault_disk *disk, int loss, uint64_t seed);
/* How many bytes were written and not synced. */
int64_t fault_disk_unsynced_bytes(fault_disk *disk);

#endif
