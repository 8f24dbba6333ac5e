/* The disk behind the VFS: its plan, its files, and what of them was not synced. */
#ifndef DISK_H
#define DISK_H

#include "CFaultVFS.h"

#include <pthread.h>
#include <sqlite3.h>

/* Our part of a file, rounded so that the part behind it is aligned. */
#define FAULT_FILE_BYTES(size) (((size) + 15) & ~(size_t)15)

/* One write or truncation since the last sync. */
typedef struct fault_change {
  struct fault_change *earlier;
  sqlite3_int64 offset;
  sqlite3_int64 count;
  /* The file's size before. */
  sqlite3_int64 size;
  int is_truncation;
  /* The bytes that it replaced, zeros beyond the old end, and those that it wrote. */
  unsigned char *before;
  unsigned char *after;
} fault_change;

/* One file by its path, open or not. */
typedef struct fault_node {
  struct fault_node *next;
  char *path;
  /* Whether it was made since the last sync: it may be gone after a loss of power. */
  int is_new;
  /* The newest change first. */
  fault_change *changes;
  int64_t change_count;
  /* The file's size after the newest change; below 0 while that is not known. */
  sqlite3_int64 size;
} fault_node;

struct fault_disk {
  sqlite3_vfs vfs;
  sqlite3_vfs *real;
  char name[32];
  pthread_mutex_t mutex;
  /* The owner and the open files. */
  int users;
  /* Grows with each loss of power: files of an earlier life are dead. */
  uint64_t life;
  int is_powered;
  int is_lying;
  int is_read_only;
  int64_t quota;
  fault_plan plan;
  int64_t planned;
  int64_t fired;
  int64_t counts[FAULT_KINDS];
  fault_node *nodes;
};

void fault_disk_lock(fault_disk *disk);
void fault_disk_unlock(fault_disk *disk);
/* One user less; the last one takes the disk with it. */
void fault_disk_drop(fault_disk *disk);
/* The file at a path; NULL without memory. The disk is locked. */
fault_node *fault_disk_node(fault_disk *disk, const char *path);
/* Remembers a change; the caller fills in the bytes. NULL without memory. The disk is locked. */
fault_change *fault_node_note(fault_node *node, sqlite3_int64 offset, sqlite3_int64 count,
                              sqlite3_int64 size);
/* Everything of the file is on the disk. The disk is locked. */
void fault_node_settle(fault_node *node);
/* The sizes of a file's folder's files, without the shared memory. */
int64_t fault_folder_bytes(const char *path);

#endif
