package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.TestCluster;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Old segments go on every node that has a copy, also while one is away, which begins with what is
 * left then; and whoever leads afterwards numbers on where queues were that were silent meanwhile.
 */
@Tag("long")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class ClusterRetentionTest {
  private static final int NODES = 3;
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int QUIET = 5;

  private final Map<String, Long> newest = new HashMap<>();

  @Test
  void oldSegmentsGoOnEveryNodeAndOffsetsGoOn() throws Exception {
    String quiet = Names.fresh("Quiet");
    String busy = Names.fresh("Busy");
    try (TestCluster cluster = TestCluster.start("cluster-retention", NODES, options());
        OfficialProducer producer =
            ClientVersion.V5
                .client()
                .startProducer(
                    ProducerSpec.of(cluster.nameServers(), Names.fresh("p"))
                        .with("pollNameServerInterval", "1000"))) {
      producer.createTopic(quiet, 1);
      producer.createTopic(busy, 1);
      for (int i = 0; i < QUIET; i++) {
        sendToEach(producer, quiet, cluster);
      }
      cluster.node(2).kill();
      Await.until(
          () -> "old segments gone where nodes are; " + cluster.outputTails(),
          LIMIT,
          () -> {
            send(producer, busy, 16_000);
            return hasLetGo(cluster.node(0)) && hasLetGo(cluster.node(1));
          });

      cluster.node(2).start();
      Await.until(
          () -> "old segments gone where one was away; " + cluster.outputTails(),
          LIMIT,
          () -> hasLetGo(cluster.node(2)));
      for (int killed = 0; killed < 2; killed++) {
        cluster.node(killed).kill();
        sendToEach(producer, quiet, cluster);
        cluster.node(killed).start();
      }
    }
  }

  private static NodeOptions options() {
    return NodeOptions.defaults()
        .withHeapMegabytes(256)
        .with("sampo.log.segment-size", "256 KiB")
        .with("sampo.log.preallocate-step", "64 KiB")
        .with("sampo.retention.time", "5s")
        .with("sampo.retention.check-interval", "200ms")
        .with(
            "sampo.retention.delete-at",
            IntStream.range(0, 24).mapToObj(Integer::toString).collect(Collectors.joining(";")));
  }

  /** Sends until each broker has taken one; no queue's offsets go back. */
  private void sendToEach(OfficialProducer producer, String topic, TestCluster cluster) {
    Set<String> missing =
        IntStream.range(0, NODES).mapToObj(i -> "broker-" + i).collect(Collectors.toSet());
    Await.until(
        () -> "a message taken by " + missing + "; " + cluster.outputTails(),
        LIMIT,
        () -> {
          for (Receipt receipt : send(producer, topic, 100)) {
            missing.remove(receipt.broker());
            Long before = newest.put(receipt.broker(), receipt.queueOffset());
            assertThat(receipt.queueOffset())
                .as("the offset of %s", receipt)
                .isGreaterThan(before == null ? -1 : before);
          }
          return missing.isEmpty();
        });
  }

  /** Nothing when it failed. */
  private static Set<Receipt> send(OfficialProducer producer, String topic, int bodyBytes) {
    try {
      return Set.of(producer.send(Outgoing.of(topic, Payload.of(0, bodyBytes))));
    } catch (ClientFailed e) {
      return Set.of();
    }
  }

  /** Each log begins later than it did. */
  private static boolean hasLetGo(NodeProcess node) {
    return IntStream.range(0, NODES)
        .allMatch(
            i -> {
              Set<String> segments = segments(node, "broker-" + i);
              return !segments.isEmpty() && !segments.contains("%020d.log".formatted(0));
            });
  }

  private static Set<String> segments(NodeProcess node, String logGroup) {
    Path folder = node.dataDirectory().resolve(logGroup).resolve("log");
    Set<String> found = new HashSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".log"))
          .forEach(found::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}
