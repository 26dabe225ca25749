package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A client of each version at once on one cluster. Silences are printed; what is asked of them is
 * only that they end, since machines that run tests are busy.
 */
final class TrafficPair implements AutoCloseable {
  private static final Duration SILENCE_MAX = Duration.ofSeconds(45);

  private final TestCluster cluster;
  private final int perSecond;
  private final List<ClusterTraffic> both = new ArrayList<>();

  TrafficPair(TestCluster cluster, int perSecond) throws ClientFailed {
    this.cluster = cluster;
    this.perSecond = perSecond;
    for (ClientVersion version : ClientVersion.values()) {
      both.add(ClusterTraffic.start(cluster, version, perSecond));
    }
  }

  List<ClusterTraffic> each() {
    return both;
  }

  String topic() {
    return both.get(0).topic();
  }

  /** Of how many log groups acknowledgements came. */
  int logGroups() {
    return both.stream().mapToInt(ClusterTraffic::logGroups).min().orElse(0);
  }

  void awaitMoreSent() {
    both.forEach(traffic -> traffic.awaitMore(2 * perSecond));
  }

  void awaitMore() {
    both.forEach(traffic -> traffic.awaitMore(2 * perSecond));
    both.forEach(traffic -> traffic.awaitMoreDelivered(2 * perSecond));
  }

  /** The committed offsets of all queues, as a node gives them. */
  Map<String, Long> committed(int node) {
    Map<String, Long> all = new HashMap<>();
    for (int logGroup = 0; logGroup < cluster.nodes().size(); logGroup++) {
      try (Offsets offsets = new Offsets(cluster.node(node), logGroup)) {
        for (ClusterTraffic traffic : both) {
          for (int queue = 0; queue < AllFeaturesProducers.QUEUES; queue++) {
            all.put(
                traffic.topic() + "/" + logGroup + "/" + queue,
                offsets.committed(traffic.group(), traffic.topic(), queue));
          }
        }
      }
    }
    return all;
  }

  void assertNotBefore(Map<String, Long> earlier, int node) {
    Map<String, Long> now = committed(node);
    assertThat(earlier)
        .allSatisfy((queue, offset) -> assertThat(now.get(queue)).isGreaterThanOrEqualTo(offset));
  }

  long acknowledgedCount() {
    return both.stream().mapToLong(ClusterTraffic::acknowledgedCount).sum();
  }

  long failedCount() {
    return both.stream().mapToLong(ClusterTraffic::failedCount).sum();
  }

  String failures() {
    return both.stream().map(ClusterTraffic::firstFailure).toList().toString();
  }

  void finish(String fault) throws InterruptedException {
    for (ClusterTraffic traffic : both) {
      System.out.printf(
          "%s, %s: longest silence %d ms, of one log group %d ms, %d sends failed%n",
          fault,
          traffic.version(),
          traffic.longestSilence().toMillis(),
          traffic.longestSilenceOfALogGroup().toMillis(),
          traffic.failedCount());
      traffic.finish();
      assertThat(traffic.longestSilence()).isLessThan(SILENCE_MAX);
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (ClusterTraffic traffic : both) {
      traffic.close();
    }
  }
}
