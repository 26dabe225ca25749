package io.sampo.storage.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A disk with so much room and no more, that can also break. */
final class MoodyDisk implements SegmentDisk {
  private final LocalDisk real = new LocalDisk();
  long roomBytes = Long.MAX_VALUE;
  boolean broken;
  int forces;

  @Override
  public void allocate(Path file, FileChannel channel, long from, long to) throws IOException {
    if (to - from > roomBytes) {
      throw new LogFullException(file + ": no room");
    }
    roomBytes -= to - from;
    real.allocate(file, channel, from, to);
  }

  @Override
  public void force(MappedByteBuffer pages, int from, int sizeBytes) {
    forces++;
    if (broken) {
      throw new UncheckedIOException(new IOException("Input/output error"));
    }
    real.force(pages, from, sizeBytes);
  }
}
