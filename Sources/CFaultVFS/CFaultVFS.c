#include "CFaultVFS.h"
#include "disk.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An open file: SQLite's part, ours, and the default VFS's file behind it. */
typedef struct {
  sqlite3_file base;
  fault_disk *disk;
  fault_node *node;
  uint64_t life;
  sqlite3_file *real;
} fault_file;

static const int default_codes[FAULT_KINDS] = {
    SQLITE_CANTOPEN,       SQLITE_IOERR_READ,  SQLITE_IOERR_WRITE,   SQLITE_IOERR_TRUNCATE,
    SQLITE_IOERR_FSYNC,    SQLITE_IOERR_FSTAT, SQLITE_IOERR_LOCK,    SQLITE_IOERR_SHMMAP,
    SQLITE_IOERR_DELETE,   SQLITE_IOERR_ACCESS};

/* What to do with an operation: pass it on, fail it, do half of it, or do it and lose power. */
typedef enum { PASS, FAIL, HALF, LAST } verdict;

static sqlite3_file *real_of(sqlite3_file *file) { return ((fault_file *)file)->real; }

/* Counts an operation and judges it. The disk is locked. */
static verdict judge(fault_disk *disk, int kind, const fault_file *file, int *code) {
  uint32_t bit = 1u << kind;
  *code = default_codes[kind];
  if (!disk->is_powered || (file && file->life != disk->life)) return FAIL;
  disk->counts[kind]++;
  if (!(disk->plan.kinds & bit)) return PASS;
  int64_t place = ++disk->planned;
  if (place < disk->plan.first) return PASS;
  if (disk->plan.times >= 0 && place >= disk->plan.first + disk->plan.times) return PASS;
  disk->fired++;
  if (disk->plan.effect == FAULT_POWER) {
    disk->is_powered = 0;
    return bit & (FAULT_WRITE | FAULT_TRUNCATE) ? LAST : FAIL;
  }
  if (disk->plan.code) *code = disk->plan.code;
  return disk->plan.effect == FAULT_SHORT && bit == FAULT_WRITE ? HALF : FAIL;
}

static int bit_number(uint32_t kind) {
  int number = 0;
  while (kind >>= 1) number++;
  return number;
}

/* Counts an operation that is passed on or failed, nothing between. */
static int gate(fault_disk *disk, uint32_t kind, const fault_file *file) {
  int code;
  fault_disk_lock(disk);
  verdict verdict = judge(disk, bit_number(kind), file, &code);
  fault_disk_unlock(disk);
  return verdict == PASS ? SQLITE_OK : code;
}

/* Whether a file may give back what it holds: a dead one may, or the process could not go on. */
static int file_close(sqlite3_file *base) {
  fault_file *file = (fault_file *)base;
  int code = file->real->pMethods ? file->real->pMethods->xClose(file->real) : SQLITE_OK;
  fault_disk_drop(file->disk);
  return code;
}

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
  fault_file *file = (fault_file *)base;
  int code = gate(file->disk, FAULT_READ, file);
  return code ? code : file->real->pMethods->xRead(file->real, bytes, count, offset);
}

/* The file's size, which the system is asked for once after each sync. The disk is locked. */
static int size_of(fault_file *file, sqlite3_int64 *size) {
  *size = file->node->size;
  return *size >= 0 ? SQLITE_OK : file->real->pMethods->xFileSize(file->real, size);
}

/* Remembers what a change of the file replaces, then does it. The disk is locked. */
static int write_remembered(fault_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  sqlite3_file *real = file->real;
  sqlite3_int64 size = 0;
  int code = size_of(file, &size);
  if (code) return code;
  file->node->size = -1;
  fault_change *change = fault_node_note(file->node, offset, count, size);
  if (!change) return SQLITE_IOERR_NOMEM;
  if (offset < size) {
    code = real->pMethods->xRead(real, change->before, count, offset);
    if (code && code != SQLITE_IOERR_SHORT_READ) return code;
  }
  memcpy(change->after, bytes, (size_t)count);
  code = real->pMethods->xWrite(real, bytes, count, offset);
  if (code == SQLITE_OK) file->node->size = offset + count > size ? offset + count : size;
  return code;
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
  fault_file *file = (fault_file *)base;
  fault_disk *disk = file->disk;
  int code;
  fault_disk_lock(disk);
  verdict verdict = judge(disk, bit_number(FAULT_WRITE), file, &code);
  if (verdict == PASS && disk->is_read_only) {
    verdict = FAIL;
    code = SQLITE_READONLY;
  }
  if (verdict == PASS && disk->quota >= 0) {
    sqlite3_int64 size = 0;
    file->real->pMethods->xFileSize(file->real, &size);
    if (offset + count > size
        && fault_folder_bytes(file->node->path) + offset + count - size > disk->quota) {
      verdict = FAIL;
      code = SQLITE_FULL;
    }
  }
  if (verdict == HALF && count > 1) write_remembered(file, bytes, count / 2, offset);
  if (verdict == LAST) write_remembered(file, bytes, count, offset);
  if (verdict == PASS) code = write_remembered(file, bytes, count, offset);
  fault_disk_unlock(disk);
  return code;
}

static int truncate_remembered(fault_file *file, sqlite3_int64 target) {
  sqlite3_file *real = file->real;
  sqlite3_int64 size = 0;
  int code = real->pMethods->xFileSize(real, &size);
  if (code || target >= size) return code;
  file->node->size = -1;
  fault_change *change = fault_node_note(file->node, target, size - target, size);
  if (!change) return SQLITE_IOERR_NOMEM;
  change->is_truncation = 1;
  sqlite3_int64 at = 0;
  while (at < size - target) {
    sqlite3_int64 count = size - target - at > 1 << 20 ? 1 << 20 : size - target - at;
    code = real->pMethods->xRead(real, change->before + at, (int)count, target + at);
    if (code) return code;
    at += count;
  }
  return real->pMethods->xTruncate(real, target);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
  fault_file *file = (fault_file *)base;
  int code;
  fault_disk_lock(file->disk);
  verdict verdict = judge(file->disk, bit_number(FAULT_TRUNCATE), file, &code);
  if (verdict == LAST) truncate_remembered(file, size);
  if (verdict == PASS) code = truncate_remembered(file, size);
  fault_disk_unlock(file->disk);
  return code;
}

static int file_sync(sqlite3_file *base, int flags) {
  (void)flags;
  fault_file *file = (fault_file *)base;
  int code;
  fault_disk_lock(file->disk);
  verdict verdict = judge(file->disk, bit_number(FAULT_SYNC), file, &code);
  if (verdict == PASS) {
    if (!file->disk->is_lying) fault_node_settle(file->node);
    code = SQLITE_OK;
  }
  fault_disk_unlock(file->disk);
  return code;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
  fault_file *file = (fault_file *)base;
  int code = gate(file->disk, FAULT_SIZE, file);
  return code ? code : file->real->pMethods->xFileSize(file->real, size);
}

static int file_lock(sqlite3_file *base, int level) {
  fault_file *file = (fault_file *)base;
  int code = gate(file->disk, FAULT_LOCK, file);
  return code ? code : file->real->pMethods->xLock(file->real, level);
}

static int file_unlock(sqlite3_file *base, int level) {
  return real_of(base)->pMethods->xUnlock(real_of(base), level);
}

static int file_check_lock(sqlite3_file *base, int *result) {
  return real_of(base)->pMethods->xCheckReservedLock(real_of(base), result);
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
  return real_of(base)->pMethods->xFileControl(real_of(base), operation, argument);
}

static int file_sector(sqlite3_file *base) {
  return real_of(base)->pMethods->xSectorSize(real_of(base));
}

static int file_characteristics(sqlite3_file *base) {
  return real_of(base)->pMethods->xDeviceCharacteristics(real_of(base));
}

static int file_shared_map(sqlite3_file *base, int page, int size, int extend,
                           void volatile **result) {
  fault_file *file = (fault_file *)base;
  int code = gate(file->disk, FAULT_SHARED_MEMORY, file);
  return code ? code : file->real->pMethods->xShmMap(file->real, page, size, extend, result);
}

static int file_shared_lock(sqlite3_file *base, int offset, int count, int flags) {
  fault_file *file = (fault_file *)base;
  if (!(flags & SQLITE_SHM_UNLOCK)) {
    int code = gate(file->disk, FAULT_LOCK, file);
    if (code) return code;
  }
  return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void file_shared_barrier(sqlite3_file *base) {
  real_of(base)->pMethods->xShmBarrier(real_of(base));
}

static int file_shared_unmap(sqlite3_file *base, int is_deleted) {
  return real_of(base)->pMethods->xShmUnmap(real_of(base), is_deleted);
}

static const sqlite3_io_methods methods = {
    2,                    file_close,       file_read,         file_write,
    file_truncate,        file_sync,        file_size,         file_lock,
    file_unlock,          file_check_lock,  file_control,      file_sector,
    file_characteristics, file_shared_map,  file_shared_lock,  file_shared_barrier,
    file_shared_unmap,    NULL,             NULL};

static fault_disk *disk_of(sqlite3_vfs *vfs) { return (fault_disk *)vfs->pAppData; }
static sqlite3_vfs *base_of(sqlite3_vfs *vfs) { return disk_of(vfs)->real; }

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                    int *out_flags) {
  fault_disk *disk = disk_of(vfs);
  fault_file *file = (fault_file *)base;
  base->pMethods = NULL;
  int code = gate(disk, FAULT_OPEN, NULL);
  if (code) return code;
  if (disk->is_read_only) {
    if (!(flags & SQLITE_OPEN_MAIN_DB)) return SQLITE_CANTOPEN;
    flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
  }
  int is_new = 0;
  if (path) {
    int is_there = 0;
    disk->real->xAccess(disk->real, path, SQLITE_ACCESS_EXISTS, &is_there);
    is_new = !is_there;
  }
  file->real = (sqlite3_file *)((char *)base + FAULT_FILE_BYTES(sizeof(fault_file)));
  file->real->pMethods = NULL;
  code = disk->real->xOpen(disk->real, path, file->real, flags, out_flags);
  if (code) {
    if (file->real->pMethods) file->real->pMethods->xClose(file->real);
    return code;
  }
  fault_disk_lock(disk);
  file->disk = disk;
  file->life = disk->life;
  file->node = fault_disk_node(disk, path ? path : "");
  if (file->node && is_new) file->node->is_new = 1;
  disk->users++;
  fault_disk_unlock(disk);
  if (!file->node) {
    file_close(base);
    return SQLITE_NOMEM;
  }
  base->pMethods = &methods;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
  fault_disk *disk = disk_of(vfs);
  int code = gate(disk, FAULT_DELETE, NULL);
  if (!code) code = disk->real->xDelete(disk->real, path, sync_folder);
  if (code) return code;
  fault_disk_lock(disk);
  fault_node *node = fault_disk_node(disk, path);
  if (node) fault_node_settle(node);
  fault_disk_unlock(disk);
  return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  int code = gate(disk_of(vfs), FAULT_ACCESS, NULL);
  return code ? code : base_of(vfs)->xAccess(base_of(vfs), path, flags, result);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int count, char *result) {
  return base_of(vfs)->xFullPathname(base_of(vfs), path, count, result);
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *result) {
  return base_of(vfs)->xRandomness(base_of(vfs), count, result);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *time) {
  return base_of(vfs)->xCurrentTime(base_of(vfs), time);
}

static int vfs_last_error(sqlite3_vfs *vfs, int count, char *result) {
  return base_of(vfs)->xGetLastError(base_of(vfs), count, result);
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *time) {
  return base_of(vfs)->xCurrentTimeInt64(base_of(vfs), time);
}

void fault_keep_no_account(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

fault_disk *fault_disk_make(const char *beneath) {
  static int made = 0;
  sqlite3_vfs *real = sqlite3_vfs_find(beneath);
  fault_disk *disk = real ? calloc(1, sizeof *disk) : NULL;
  if (!disk) return NULL;
  int number = __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
  snprintf(disk->name, sizeof disk->name, "fault-%d", number);
  disk->real = real;
  disk->quota = -1;
  disk->is_powered = 1;
  disk->users = 1;
  pthread_mutex_init(&disk->mutex, NULL);
  disk->vfs = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = (int)FAULT_FILE_BYTES(sizeof(fault_file)) + real->szOsFile,
      .mxPathname = real->mxPathname,
      .zName = disk->name,
      .pAppData = disk,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_path,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_time,
      .xGetLastError = vfs_last_error,
      .xCurrentTimeInt64 = vfs_time64,
  };
  if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) {
    pthread_mutex_destroy(&disk->mutex);
    free(disk);
    return NULL;
  }
  return disk;
}
