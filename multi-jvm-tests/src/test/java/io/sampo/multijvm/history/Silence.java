package io.sampo.multijvm.history;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How long producers went without an acknowledgement. */
final class Silence {
  private Silence() {}

  /**
   * The longest time between two acknowledgements that followed each other, whatever their broker;
   * zero for less than two.
   */
  static Duration longest(List<Sent> sent) {
    long[] acknowledged =
        sent.stream()
            .filter(send -> send.outcome() == Sent.Outcome.ACKNOWLEDGED)
            .mapToLong(Sent::endedNanos)
            .sorted()
            .toArray();
    long longest = 0;
    for (int i = 1; i < acknowledged.length; i++) {
      longest = Math.max(longest, acknowledged[i] - acknowledged[i - 1]);
    }
    return Duration.ofNanos(longest);
  }

  /** The longest time for which one of the brokers acknowledged nothing, others or not. */
  static Duration longestOfABroker(List<Sent> sent) {
    Map<String, List<Sent>> byBroker =
        sent.stream().collect(Collectors.groupingBy(send -> send.place().broker()));
    return byBroker.values().stream()
        .map(Silence::longest)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
