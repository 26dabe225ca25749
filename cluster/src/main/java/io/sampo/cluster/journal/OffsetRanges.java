package io.sampo.cluster.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of offsets as sorted ranges that neither overlap nor touch. Immutable.
 *
 * <p>Stored as the number of ranges (4 bytes), then per range its first offset and its exclusive
 * end (8 bytes each).
 */
final class OffsetRanges {
  static final OffsetRanges NONE = new OffsetRanges(List.of());

  private record Range(long from, long end) {}

  private final List<Range> ranges;

  private OffsetRanges(List<Range> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  boolean contains(long offset) {
    for (Range range : ranges) {
      if (offset < range.end) {
        return offset >= range.from;
      }
    }
    return false;
  }

  /** The set with one offset more. */
  OffsetRanges plus(long offset) {
    long from = offset;
    long end = offset + 1;
    List<Range> merged = new ArrayList<>(ranges.size() + 1);
    List<Range> after = new ArrayList<>();
    for (Range range : ranges) {
      if (range.end < from) {
        merged.add(range);
      } else if (range.from > end) {
        after.add(range);
      } else {
        from = Math.min(from, range.from);
        end = Math.max(end, range.end);
      }
    }
    merged.add(new Range(from, end));
    merged.addAll(after);
    return new OffsetRanges(merged);
  }

  int sizeBytes() {
    return Integer.BYTES + ranges.size() * 2 * Long.BYTES;
  }

  void putInto(ByteBuffer target) {
    target.putInt(ranges.size());
    for (Range range : ranges) {
      target.putLong(range.from).putLong(range.end);
    }
  }

  static OffsetRanges from(ByteBuffer source) {
    int count = source.getInt();
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ranges.add(new Range(source.getLong(), source.getLong()));
    }
    return new OffsetRanges(ranges);
  }

  @Override
  public String toString() {
    return ranges.toString();
  }
}
