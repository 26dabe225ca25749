package io.sampo.storage.log;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a disk may refuse a running log: blocks for a stretch of a segment, to make its pages
 * durable, and what a cut needs. Behind an interface so that tests can have a disk that is full,
 * broken, or without power half-way.
 */
interface SegmentDisk {
  /**
   * Makes sure that writing the bytes from {@code from} to {@code to} needs no further disk space.
   * What the file holds there stays, what it didn't hold reads as zero. A mapped write into a hole
   * of a full disk kills the process, so this is the only place where a full disk is met. Writer
   * thread.
   *
   * @param file the file, for messages and for system calls that take a path
   * @param channel the same file, open for writing
   * @throws LogFullException when the disk or the quota has no room
   * @throws IOException when the disk fails
   */
  void allocate(Path file, FileChannel channel, long from, long to) throws IOException;

  /**
   * Writes a range of a mapping to the disk and waits for it. One thread at a time.
   *
   * @throws java.io.UncheckedIOException when the disk fails, as the JDK has it
   */
  default void force(MappedByteBuffer pages, int from, int sizeBytes) {
    pages.force(from, sizeBytes);
  }

  /** Overwrites a segment with zeros from a place to its end, durably when this returns. */
  default void zero(LogSegment segment, int from) throws IOException {
    segment.zeroFrom(from);
    segment.sync(); // also when there were only zeros: they may be in memory alone
  }

  /** Deletes a file, if it is there; durable with the next {@link #sync}. */
  default void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  /** Makes the names in a folder durable. */
  default void sync(LogDirectory folder) throws IOException {
    folder.sync();
  }
}
