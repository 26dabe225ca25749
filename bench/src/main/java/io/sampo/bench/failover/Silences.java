package io.sampo.bench.failover;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * What clients noticed of some episodes. All times in milliseconds, each list sorted.
 *
 * @param ofSends the longest time without an acknowledged send, one for each episode
 * @param ofDeliveries the longest time in which nothing was delivered
 * @param failed sends that the client gave up, in all episodes
 */
public record Silences(List<Long> ofSends, List<Long> ofDeliveries, long failed) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** From the fault until its cause was taken away. */
  static Silences ofFaults(List<Episode> episodes, SendLog log) {
    return of(episodes, log, times -> times.began(), times -> times.mended());
  }

  /** From then until the node led again. */
  static Silences ofReturns(List<Episode> episodes, SendLog log) {
    return of(episodes, log, times -> times.mended(), times -> times.ended());
  }

  private static Silences of(
      List<Episode> episodes,
      SendLog log,
      ToLongFunction<Episode.Times> from,
      ToLongFunction<Episode.Times> to) {
    long[] sends = log.acknowledged().stream().mapToLong(SendLog.Acknowledged::nanos).toArray();
    long[] deliveries = log.deliveredNanos().stream().mapToLong(Long::longValue).toArray();
    List<Long> ofSends = new ArrayList<>();
    List<Long> ofDeliveries = new ArrayList<>();
    long failed = 0;
    for (Episode episode : episodes) {
      long begin = from.applyAsLong(episode.times());
      long end = to.applyAsLong(episode.times());
      ofSends.add(longest(sends, begin, end));
      ofDeliveries.add(longest(deliveries, begin, end));
      failed +=
          log.failed().stream().filter(send -> begin <= send.nanos() && send.nanos() < end).count();
    }
    ofSends.sort(null);
    ofDeliveries.sort(null);
    return new Silences(List.copyOf(ofSends), List.copyOf(ofDeliveries), failed);
  }

  /** The longest time within a stretch in which nothing happened, in milliseconds. */
  static long longest(long[] nanos, long begin, long end) {
    long[] within =
        LongStream.concat(
                LongStream.of(begin, end),
                LongStream.of(nanos).filter(at -> begin < at && at < end))
            .sorted()
            .toArray();
    long longest = 0;
    for (int i = 1; i < within.length; i++) {
      longest = Math.max(longest, within[i] - within[i - 1]);
    }
    return longest / NANOS_PER_MILLI;
  }

  /** Median, ninth decile and most of sorted times, for people. */
  static String spread(List<Long> sorted) {
    return sorted.isEmpty()
        ? "–"
        : String.format(
            Locale.ROOT,
            "%d / %d / %d",
            sorted.get((sorted.size() - 1) / 2),
            sorted.get((int) Math.ceil(sorted.size() * 0.9) - 1),
            sorted.get(sorted.size() - 1));
  }

  long most() {
    return ofSends.isEmpty() ? 0 : ofSends.get(ofSends.size() - 1);
  }
}
