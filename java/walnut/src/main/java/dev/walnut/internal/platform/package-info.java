/**
 * The machine: files, syncs, locks, checksums and memory. A native body and a Java body stand under
 * one contract, {@link dev.walnut.internal.platform.Disk}, and pass one suite; {@link
 * dev.walnut.internal.platform.Disks} chooses between them. This floor knows files and bytes and
 * nothing of what they mean above.
 *
 * <p>Decisions that may look like mistakes:
 *
 * <ul>
 *   <li>The Java body uses {@link java.nio.channels.AsynchronousFileChannel} with an executor that
 *       runs each task in the calling thread, not {@link java.nio.channels.FileChannel}. An
 *       interrupt closes a {@code FileChannel} for every thread, and a {@code force} that fails in
 *       an interrupted thread reports the interrupt and hides the failure. Nothing here is closed
 *       by an interrupt, so nothing has to be reopened by a path that may stand for another file.
 *   <li>After one failed sync a file refuses every later one. The kernel may have dropped the pages
 *       and marked them clean, so a second sync could succeed without the data.
 *   <li>The registry of held locks lies in the system properties: they are the one map that copies
 *       of this class in several class loaders share.
 *   <li>{@link dev.walnut.internal.platform.NativeCalls} alone names JNA's classes, and is not
 *       touched again once it has failed to load.
 *   <li>Exceptions carry the whole sentence as their reason and no file of their own: {@link
 *       java.nio.file.FileSystemException} would put the file before the operation.
 * </ul>
 */
package dev.walnut.internal.platform;
