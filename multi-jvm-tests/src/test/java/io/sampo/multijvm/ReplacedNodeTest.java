package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A node of three loses its disk while official clients of both versions send and consume, comes
 * back empty under its name, and has to be good for a majority soon.
 */
@Tag("long")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ReplacedNodeTest {
  private static final int PER_SECOND = 100;

  /** More than what is sent between two looks. */
  private static final long ON_ITS_WAY_BYTES = 256 << 10;

  private static final int SENDERS = 16;
  private static final int BODY_BYTES = 64 << 10;

  @Test
  void aNodeWithAnEmptiedDiskIsFilledAgainAndCountsForTheNextMajority() throws Exception {
    try (TestCluster cluster =
        TestCluster.start("replaced", 3, NodeOptions.defaults().withHeapMegabytes(256))) {
      try (TrafficPair traffic = new TrafficPair(cluster, PER_SECOND)) {
        traffic.awaitMore();
        Set<Long> disksBefore = cluster.disksOf(2, 0);
        assertThat(disksBefore).isNotEmpty();
        cluster.node(2).kill();
        cluster.node(2).wipe();
        traffic.awaitMore();

        cluster.node(2).start();

        cluster.awaitReplicas(0, ON_ITS_WAY_BYTES, disksBefore);
        cluster.node(0).kill();
        traffic.awaitMore();
        cluster.node(0).start();
        traffic.finish("a disk emptied, then another node killed");
      }
      assertThat(cluster.killAndCompareCopies()).isEmpty();
    }
  }

  /**
   * How long an empty disk takes to be filled, printed per gigabyte; with {@code
   * -Dreplaced.megabytes=2048} as a measurement.
   */
  @Test
  void catchesUpWithWhatIsThere() throws Exception {
    int megabytes = Integer.getInteger("replaced.megabytes", 48);
    try (TestCluster cluster =
        TestCluster.start("filled", 3, NodeOptions.defaults().withHeapMegabytes(256))) {
      fill(cluster, megabytes);
      cluster.awaitReplicas(0, 0, Set.of());
      Set<Long> disksBefore = cluster.disksOf(2, 0);
      cluster.node(2).stop();
      cluster.node(2).wipe();
      cluster.node(2).start();
      long began = System.nanoTime();

      cluster.awaitReplicas(0, 0, disksBefore);

      double seconds = (System.nanoTime() - began) / 1e9;
      double gigabytes = cluster.logBytes(0) / 1e9;
      System.out.printf(
          "an empty node had %.2f GB of logs again and voted after %.1f s: %.1f s per GB%n",
          gigabytes, seconds, seconds / gigabytes);
      assertThat(cluster.killAndCompareCopies()).isEmpty();
    }
  }

  private static void fill(TestCluster cluster, int megabytes) throws Exception {
    String topic = Names.fresh("Filled");
    try (OfficialProducer producer =
        List.of(ClientVersion.values())
            .get(0)
            .client()
            .startProducer(ProducerSpec.of(cluster.nameServers(), Names.fresh("filling")))) {
      producer.createTopic(topic, 4);
      ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
      try {
        List<Callable<Void>> all = new ArrayList<>();
        for (int i = 0; i < megabytes * 16; i++) {
          long key = i;
          all.add(
              () -> {
                producer.send(Outgoing.of(topic, Payload.of(key, BODY_BYTES)));
                return null;
              });
        }
        for (Future<Void> sent : senders.invokeAll(all)) {
          sent.get();
        }
      } finally {
        senders.shutdownNow();
      }
    }
  }
}
