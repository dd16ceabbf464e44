package dev.walnut.testkit;

/** What can be asked of a disk that changes something on it. */
enum DiskCall {
  WRITE,
  SYNC,
  TRUNCATE,
  RESERVE,
  CREATE,
  DELETE,
  RENAME,
  LINK,
  SYNC_DIRECTORY,
  CREATE_DIRECTORY,
  DELETE_DIRECTORY,
  LOCK
}
