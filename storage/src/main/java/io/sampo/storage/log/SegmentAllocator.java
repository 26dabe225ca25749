package io.sampo.storage.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Gives a stretch of a segment file real disk blocks before the mapped writer touches it. A mapped
 * write into a hole of a full disk kills the process, so this is the only place where a full disk
 * is met.
 */
@FunctionalInterface
public interface SegmentAllocator {
  /**
   * Makes sure that writing the bytes from {@code from} to {@code to} needs no further disk space.
   * What the file holds there stays, what it didn't hold reads as zero.
   *
   * @param file the file, for messages and for system calls that take a path
   * @param channel the same file, open for writing
   * @throws LogFullException when the disk or the quota has no room
   * @throws IOException when the disk fails
   */
  void allocate(Path file, FileChannel channel, long from, long to) throws IOException;
}
