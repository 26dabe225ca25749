package io.sampo.storage.upkeep;

import io.sampo.storage.log.SegmentSpan;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Decides which segments of a log are old enough to go. Only whole segments go, the oldest first,
 * and none behind one that stays. Pure; what is still needed of them is for others to say.
 *
 * <p>A segment is old when its newest message is. Old ones go in certain hours of the day, when
 * deleting disturbs least, and at any time while the disk is fuller than it should be. Those that
 * are not old stay however full the disk is: nobody's messages go because something else filled it.
 *
 * @param time how long messages are kept at least
 * @param hours of the day, 0 to 23, in which old segments go
 * @param diskUsedMax above which part of the disk in use, 0 to 1, they go at any time
 */
public record Retention(Duration time, Set<Integer> hours, double diskUsedMax) {
  public Retention {
    hours = Set.copyOf(hours);
    if (time.isNegative() || hours.stream().anyMatch(hour -> hour < 0 || hour > 23)) {
      throw new IllegalArgumentException("no rule: keep for " + time + ", delete at " + hours);
    }
  }

  /**
   * When the question is asked.
   *
   * @param nowMs milliseconds since the epoch
   * @param hour of the day where the node is
   * @param diskUsed which part of the disk is in use, 0 to 1
   */
  public record Moment(long nowMs, int hour, double diskUsed) {}

  /**
   * Where the log may begin.
   *
   * @param start where it begins
   * @param full its full segments, oldest first
   * @param end what lies at or behind it stays: the commit position
   * @return the start, or the end of the newest segment that may go
   */
  public long start(long start, List<SegmentSpan> full, long end, Moment moment) {
    long from = start;
    if (!hours.contains(moment.hour()) && moment.diskUsed() < diskUsedMax) {
      return from;
    }
    for (SegmentSpan segment : full) {
      if (segment.endPosition() > end || !isOld(segment, moment.nowMs())) {
        break;
      }
      from = segment.endPosition();
    }
    return from;
  }

  private boolean isOld(SegmentSpan segment, long nowMs) {
    // No sum: the time of a segment that isn't known is the largest number.
    return segment.newestMs() < nowMs - time.toMillis();
  }
}
