package io.sampo.bench.report;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which two servers are compared: ratios are the second's figure by the first's. Each pairing has
 * trials and a part of the page of its own.
 *
 * @param base the server that ratios are taken to
 * @param other the server whose ratio is taken
 * @param baseTitle how people read of it
 * @param otherTitle how people read of it
 */
public record Pairing(String base, String other, String baseTitle, String otherTitle) {
  /** The incumbent and one node of Sampo. */
  public static final Pairing WITH_ROCKETMQ = new Pairing("rocketmq", "sampo", "RocketMQ", "Sampo");

  /** What copies cost: one node, and three that keep each log group three times. */
  public static final Pairing WITH_THREE_NODES =
      new Pairing("sampo", "sampo-3", "one node", "three nodes");

  /** What it costs a send that retries of it would be recognised. */
  public static final Pairing WITH_PLAIN = new Pairing("sampo", "sampo-plain", "defaults", "plain");

  /** The one that these servers make up; none when they can't be shown on the page. */
  public static Optional<Pairing> of(List<String> servers) {
    return List.of(WITH_ROCKETMQ, WITH_THREE_NODES, WITH_PLAIN).stream()
        .filter(pairing -> Set.of(pairing.base, pairing.other).equals(Set.copyOf(servers)))
        .findFirst();
  }
}
