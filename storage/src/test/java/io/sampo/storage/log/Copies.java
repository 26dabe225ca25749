package io.sampo.storage.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** What one log has of another, and the way from one to the other. */
final class Copies {
  private Copies() {}

  /** Copies what the source has more, as it would go over a network. */
  static void catchUp(SegmentedLog source, SegmentedLog copy, IntSupplier bytesMax)
      throws IOException {
    while (copy.writtenPosition() < source.writtenPosition()) {
      copy.appendFrames(overTheNetwork(next(source, copy.writtenPosition(), bytesMax.getAsInt())));
    }
  }

  static FrameRun next(SegmentedLog source, long position, int bytesMax) throws IOException {
    FrameRun run = source.readFrames(position, source.writtenPosition(), bytesMax);
    assertThat(run.isEmpty()).as("frames at %d", position).isFalse();
    return run;
  }

  static FrameRun overTheNetwork(FrameRun run) throws IOException {
    ByteBuffer received = ByteBuffer.allocateDirect(run.bytes().remaining());
    received.put(run.bytes()).flip();
    return FrameRun.check(run.position(), received);
  }

  /** The starts of all frames and the end of the log. */
  static List<Long> boundaries(SegmentedLog log) throws IOException {
    List<Long> boundaries = new ArrayList<>();
    long position = log.startPosition();
    while (position < log.writtenPosition()) {
      boundaries.add(position);
      position = next(log, position, 1).endPosition();
    }
    boundaries.add(position);
    return boundaries;
  }

  /** Compares two logs frame by frame, but for the stamps, and what they say of themselves. */
  static void assertSame(SegmentedLog copy, SegmentedLog source) throws IOException {
    assertThat(copy.writtenPosition()).isEqualTo(source.writtenPosition());
    assertThat(copy.startPosition()).isEqualTo(source.startPosition());
    assertSameUpTo(copy, source, source.writtenPosition());
  }

  static void assertSameUpTo(SegmentedLog copy, SegmentedLog source, long end) throws IOException {
    long position = copy.startPosition();
    while (position < end) {
      FrameRun expected = next(source, position, 1);
      FrameRun found = next(copy, position, 1);
      assertThat(found.endPosition()).isEqualTo(expected.endPosition());
      assertThat(unstamped(found)).as("frame at %d", position).isEqualTo(unstamped(expected));
      position = found.endPosition();
    }
    assertThat(position).isEqualTo(end);
    assertThat(copy.memberships())
        .isEqualTo(
            source.memberships().stream().filter(each -> each.endPosition() <= end).toList());
    for (long at = copy.startPosition(); at < end; at += 1 + (end - copy.startPosition()) / 50) {
      assertThat(copy.epochs().epochAt(at)).isEqualTo(source.epochs().epochAt(at));
    }
  }

  private static ByteBuffer unstamped(FrameRun run) {
    ByteBuffer bytes = ByteBuffer.allocate(run.bytes().remaining()).put(run.bytes()).flip();
    return bytes.putInt(4, 0).putLong(8, 0);
  }
}
