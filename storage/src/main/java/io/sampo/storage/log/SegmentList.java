package io.sampo.storage.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a log, oldest first, without gaps. The writer adds and removes at the end; any
 * thread looks up, without a lock.
 */
final class SegmentList implements AutoCloseable {
  private volatile LogSegment[] segments;

  SegmentList(List<LogSegment> segments) {
    this.segments = segments.toArray(LogSegment[]::new);
  }

  void add(LogSegment segment) {
    LogSegment[] now = segments;
    LogSegment[] longer = Arrays.copyOf(now, now.length + 1);
    longer[now.length] = segment;
    segments = longer;
  }

  /**
   * Writer: the log ends with another segment, which takes the place of the one of the same start.
   *
   * @return those that were taken out; the log's own hold of them is to be given up
   */
  List<LogSegment> endWith(LogSegment newest) {
    List<LogSegment> kept = new ArrayList<>();
    List<LogSegment> taken = new ArrayList<>();
    for (LogSegment segment : segments) {
      if (segment.basePosition() < newest.basePosition()) {
        kept.add(segment);
      } else if (segment != newest) {
        taken.add(segment);
      }
    }
    kept.add(newest);
    segments = kept.toArray(LogSegment[]::new);
    return taken;
  }

  /**
   * Writer: the log begins anew.
   *
   * @return those that it had; the log's own hold of them is to be given up
   */
  List<LogSegment> replaceAll(LogSegment only) {
    List<LogSegment> taken = List.of(segments);
    segments = new LogSegment[] {only};
    return taken;
  }

  /**
   * Writer: the log begins with a later segment.
   *
   * @return those that were taken out; the log's own hold of them is to be given up
   */
  List<LogSegment> beginWith(LogSegment oldest) {
    LogSegment[] now = segments;
    int first = Arrays.asList(now).indexOf(oldest);
    segments = Arrays.copyOfRange(now, first, now.length);
    return List.of(now).subList(0, first);
  }

  /** All of them, oldest first; not to be changed. */
  LogSegment[] all() {
    return segments;
  }

  /** Where the log begins. */
  long startPosition() {
    return segments[0].basePosition();
  }

  LogSegment newest() {
    LogSegment[] now = segments;
    return now[now.length - 1];
  }

  /** The segment that a position lies in; null when it is below the oldest or beyond the newest. */
  @Nullable LogSegment at(long position) {
    LogSegment[] now = segments;
    // Most look-ups are near the end: whoever consumes is usually up to date.
    LogSegment newest = now[now.length - 1];
    if (position >= newest.basePosition()) {
      return position < newest.endPosition() ? newest : null;
    }
    int low = 0;
    int high = now.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (now[middle].endPosition() <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return position >= now[low].basePosition() ? now[low] : null;
  }

  /** Gives up the log's own hold of every segment. */
  @Override
  public void close() throws IOException {
    try {
      if (segments.length > 0) {
        newest().endWriting();
      }
    } finally {
      for (LogSegment segment : segments) {
        segment.release();
      }
    }
  }
}
