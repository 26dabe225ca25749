package io.sampo.storage.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A disk that is looked at before each thing that a cut does to it, and may break there. */
final class StepDisk implements SegmentDisk {
  /** Told what is about to happen. */
  @FunctionalInterface
  interface Watcher {
    void before(int step) throws IOException;
  }

  private final LocalDisk real = new LocalDisk();
  Watcher watcher = step -> {};
  private int steps;

  private void step() throws IOException {
    watcher.before(steps++);
  }

  @Override
  public void allocate(Path file, FileChannel channel, long from, long to) throws IOException {
    real.allocate(file, channel, from, to);
  }

  @Override
  public void zero(LogSegment segment, int from) throws IOException {
    step();
    real.zero(segment, from);
  }

  @Override
  public void delete(Path file) throws IOException {
    step();
    real.delete(file);
  }

  @Override
  public void sync(LogDirectory folder) throws IOException {
    step();
    real.sync(folder);
  }
}
