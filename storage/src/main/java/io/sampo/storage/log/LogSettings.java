package io.sampo.storage.log;

import java.nio.file.Path;

/**
 * How a commit log lies on disk.
 *
 * @param directory where its segments are; made when missing
 * @param segmentBytes the length of one segment, a power of two from 64 KiB to 1 GiB
 * @param maxBatchBytes the most bytes that one batch holds before it is closed; a single larger
 *     record makes a batch of its own
 * @param preallocateStepBytes how many bytes are reserved on disk at a time, ahead of the writer
 */
public record LogSettings(
    Path directory, int segmentBytes, int maxBatchBytes, int preallocateStepBytes) {
  public LogSettings {
    if (Integer.bitCount(segmentBytes) != 1 || segmentBytes < 64 << 10 || segmentBytes > 1 << 30) {
      throw new IllegalArgumentException(
          "segment length must be a power of two from 64 KiB to 1 GiB, was " + segmentBytes);
    }
    if (maxBatchBytes < 1) {
      throw new IllegalArgumentException(
          "batch length must be at least one byte, was " + maxBatchBytes);
    }
    if (preallocateStepBytes < 1) {
      throw new IllegalArgumentException(
          "preallocation step must be at least one byte, was " + preallocateStepBytes);
    }
  }
}
