#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

void fault_disk_lock(fault_disk *disk) { pthread_mutex_lock(&disk->mutex); }
void fault_disk_unlock(fault_disk *disk) { pthread_mutex_unlock(&disk->mutex); }

void fault_disk_drop(fault_disk *disk) {
  fault_disk_lock(disk);
  int left = --disk->users;
  fault_disk_unlock(disk);
  if (left > 0) return;
  sqlite3_vfs_unregister(&disk->vfs);
  while (disk->nodes) {
    fault_node *node = disk->nodes;
    disk->nodes = node->next;
    fault_node_settle(node);
    free(node->path);
    free(node);
  }
  pthread_mutex_destroy(&disk->mutex);
  free(disk);
}

void fault_disk_release(fault_disk *disk) { fault_disk_drop(disk); }

const char *fault_disk_name(fault_disk *disk) { return disk->name; }

fault_node *fault_disk_node(fault_disk *disk, const char *path) {
  for (fault_node *node = disk->nodes; node; node = node->next) {
    if (strcmp(node->path, path) == 0) return node;
  }
  fault_node *node = calloc(1, sizeof *node);
  if (!node) return NULL;
  node->path = strdup(path);
  if (!node->path) {
    free(node);
    return NULL;
  }
  node->size = -1;
  node->next = disk->nodes;
  disk->nodes = node;
  return node;
}

fault_change *fault_node_note(fault_node *node, sqlite3_int64 offset, sqlite3_int64 count,
                              sqlite3_int64 size) {
  fault_change *change = calloc(1, sizeof *change);
  if (!change) return NULL;
  change->before = calloc(2, (size_t)(count > 0 ? count : 1));
  if (!change->before) {
    free(change);
    return NULL;
  }
  change->after = change->before + count;
  change->offset = offset;
  change->count = count;
  change->size = size;
  change->earlier = node->changes;
  node->changes = change;
  node->change_count++;
  return change;
}

void fault_node_settle(fault_node *node) {
  while (node->changes) {
    fault_change *change = node->changes;
    node->changes = change->earlier;
    free(change->before);
    free(change);
  }
  node->change_count = 0;
  node->size = -1;
  node->is_new = 0;
}

int64_t fault_folder_bytes(const char *path) {
  char folder[PATH_MAX];
  const char *end = strrchr(path, '/');
  size_t length = end ? (size_t)(end - path) : 0;
  if (length == 0 || length >= sizeof folder) return 0;
  memcpy(folder, path, length);
  folder[length] = 0;
  DIR *listing = opendir(folder);
  if (!listing) return 0;
  int64_t bytes = 0;
  for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
    char name[PATH_MAX];
    struct stat status;
    size_t count = strlen(entry->d_name);
    if (count > 4 && strcmp(entry->d_name + count - 4, "-shm") == 0) continue;
    int written = snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
    if (written <= 0 || (size_t)written >= sizeof name) continue;
    if (stat(name, &status) == 0 && S_ISREG(status.st_mode)) bytes += status.st_size;
  }
  closedir(listing);
  return bytes;
}

void fault_disk_arm(fault_disk *disk, fault_plan plan) {
  fault_disk_lock(disk);
  disk->plan = plan;
  disk->planned = 0;
  disk->fired = 0;
  fault_disk_unlock(disk);
}

int64_t fault_disk_fired(fault_disk *disk) {
  fault_disk_lock(disk);
  int64_t fired = disk->fired;
  fault_disk_unlock(disk);
  return fired;
}

int64_t fault_disk_count(fault_disk *disk, uint32_t kinds) {
  int64_t count = 0;
  fault_disk_lock(disk);
  for (int kind = 0; kind < FAULT_KINDS; kind++) {
    if (kinds & (1u << kind)) count += disk->counts[kind];
  }
  fault_disk_unlock(disk);
  return count;
}

void fault_disk_reset_counts(fault_disk *disk) {
  fault_disk_lock(disk);
  memset(disk->counts, 0, sizeof disk->counts);
  fault_disk_unlock(disk);
}

void fault_disk_set_quota(fault_disk *disk, int64_t bytes) {
  fault_disk_lock(disk);
  disk->quota = bytes;
  fault_disk_unlock(disk);
}

int64_t fault_disk_free_bytes(fault_disk *disk, const char *folder) {
  char path[PATH_MAX];
  int written = snprintf(path, sizeof path, "%s/", folder);
  fault_disk_lock(disk);
  int64_t quota = disk->quota;
  fault_disk_unlock(disk);
  if (quota < 0 || written <= 0 || (size_t)written >= sizeof path) return INT64_MAX;
  int64_t used = fault_folder_bytes(path);
  return used < quota ? quota - used : 0;
}

void fault_disk_set_lying(fault_disk *disk, int is_lying) {
  fault_disk_lock(disk);
  disk->is_lying = is_lying;
  fault_disk_unlock(disk);
}

void fault_disk_set_read_only(fault_disk *disk, int is_read_only) {
  fault_disk_lock(disk);
  disk->is_read_only = is_read_only;
  fault_disk_unlock(disk);
}

int64_t fault_disk_unsynced_bytes(fault_disk *disk) {
  int64_t bytes = 0;
  fault_disk_lock(disk);
  for (fault_node *node = disk->nodes; node; node = node->next) {
    for (fault_change *change = node->changes; change; change = change->earlier) {
      bytes += change->is_truncation ? 0 : change->count;
    }
  }
  fault_disk_unlock(disk);
  return bytes;
}

/* Steele's SplitMix64, of a seed and a place. */
static uint64_t mixed(uint64_t seed, uint64_t place) {
  uint64_t z = seed + (place + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/* How many of a file's changes one of its sectors has seen: none, all, or some of them. */
static int64_t seen(uint64_t seed, uint64_t place, int64_t changes) {
  uint64_t bits = mixed(seed, place);
  switch (bits & 3) {
    case 0: return 0;
    case 1: return changes;
    default: return (int64_t)((bits >> 8) % (uint64_t)(changes + 1));
  }
}

static int put(int file, const unsigned char *bytes, int64_t count, int64_t offset) {
  while (count > 0) {
    ssize_t written = pwrite(file, bytes, (size_t)count, offset);
    if (written <= 0) return -1;
    bytes += written;
    count -= written;
    offset += written;
  }
  return 0;
}

/* Takes back every unsynced change, the newest first. */
static int take_back(int file, const fault_node *node) {
  for (const fault_change *change = node->changes; change; change = change->earlier) {
    int64_t there = change->size - change->offset;
    if (there > change->count) there = change->count;
    if (there > 0 && put(file, change->before, there, change->offset) != 0) return -1;
    if (ftruncate(file, change->size) != 0) return -1;
  }
  return 0;
}

/* Gives one change back to the sectors that have seen it. `number` is its place among the changes. */
static int give_back(int file, const fault_change *change, int64_t number, int64_t changes,
                     uint64_t seed) {
  if (change->is_truncation) {
    return number < seen(seed, 0, changes) ? ftruncate(file, change->offset) : 0;
  }
  int64_t at = change->offset;
  int64_t end = change->offset + change->count;
  while (at < end) {
    int64_t next = (at / SECTOR + 1) * SECTOR;
    if (next > end) next = end;
    if (number < seen(seed, (uint64_t)(at / SECTOR) + 1, changes)
        && put(file, change->after + (at - change->offset), next - at, at) != 0) {
      return -1;
    }
    at = next;
  }
  return 0;
}

/* Brings one file into a state that a loss of power may leave. */
static int lose(fault_node *node, int loss, uint64_t seed) {
  uint64_t own = seed;
  const char *name = strrchr(node->path, '/');
  for (const char *byte = name ? name : node->path; *byte; byte++) {
    own = own * 31 + (unsigned char)*byte;
  }
  if (node->is_new && (loss == FAULT_LOSE_ALL || mixed(own, 1u << 30) % 4 == 0)) {
    unlink(node->path);
    return 0;
  }
  int64_t count = node->change_count;
  if (count == 0) return 0;
  int file = open(node->path, O_RDWR | O_CLOEXEC);
  if (file < 0) return -1;
  int code = take_back(file, node);
  if (code == 0 && loss == FAULT_LOSE_SOME) {
    fault_change **changes = calloc((size_t)count, sizeof *changes);
    int64_t at = count;
    code = changes ? 0 : -1;
    for (fault_change *change = node->changes; changes && change; change = change->earlier) {
      changes[--at] = change;
    }
    for (at = 0; code == 0 && at < count; at++) {
      code = give_back(file, changes[at], at, count, own);
    }
    free(changes);
  }
  close(file);
  return code;
}

int fault_disk_lose_power(fault_disk *disk, int loss, uint64_t seed) {
  int code = 0;
  fault_disk_lock(disk);
  disk->life++;
  disk->is_powered = 1;
  disk->plan = (fault_plan){0};
  for (fault_node *node = disk->nodes; node; node = node->next) {
    if (loss != FAULT_KEEP_ALL && lose(node, loss, seed) != 0) code = -1;
    fault_node_settle(node);
  }
  fault_disk_unlock(disk);
  return code;
}
