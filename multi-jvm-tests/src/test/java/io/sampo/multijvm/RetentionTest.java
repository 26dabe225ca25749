package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delay;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.OfficialPuller;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Old segments go, and nothing with them that is still needed; also over a crash. */
class RetentionTest {
  private static final int MESSAGES = 3000;
  private static final int DELAYED = 200;
  private static final Duration SOON = Duration.ofSeconds(30);

  @Test
  @Tag("long")
  void oldMessagesGoAndWhatIsNeededStaysWith49() throws ClientFailed {
    oldMessagesGoAndWhatIsNeededStays(ClientVersion.V4);
  }

  @ParameterizedTest
  @EnumSource(names = "V5")
  void oldMessagesGoAndWhatIsNeededStays(ClientVersion version) throws ClientFailed {
    String topic = Names.fresh("Old");
    String later = Names.fresh("Later");
    String group = Names.fresh("reader");
    try (NodeProcess node = NodeProcess.start("retention", options())) {
      long dueMs = System.currentTimeMillis() + 30_000;
      try (OfficialProducer producer = producer(version, node)) {
        producer.send(Outgoing.of(later, Payload.of(DELAYED, 64)));
        for (int i = 0; i < DELAYED; i++) {
          producer.sendDelayed(Outgoing.of(later, Payload.of(i, 64)), Delay.until(dueMs));
        }
        Inbox inbox = new Inbox();
        producer.send(Outgoing.of(topic, Payload.of(0, 1000)));
        try (OfficialConsumer consumer = consumer(version, node, group, topic, inbox)) {
          for (int i = 1; i < MESSAGES; i++) {
            producer.send(Outgoing.of(topic, Payload.of(i, 1000)));
          }
          inbox.awaitCount(MESSAGES);
        }
      }
      Path first = log(node, 0);
      Await.until("the first segment is gone", SOON, () -> Files.notExists(first));
      node.kill();
      node.start();

      List<Delivery> rest = new ArrayList<>();
      Inbox onlyNew = new Inbox();
      Inbox delayed = new Inbox();
      try (OfficialProducer producer = producer(version, node);
          OfficialPuller late =
              version.client().startPuller(node.nameServer(), Names.fresh("late"));
          OfficialConsumer same = consumer(version, node, group, topic, onlyNew);
          OfficialConsumer waiting = consumer(version, node, Names.fresh("due"), later, delayed)) {
        Receipt newest = producer.send(Outgoing.of(topic, Payload.of(MESSAGES, 1000)));
        onlyNew.awaitCount(1);
        late.assign(topic, newest.queueId(), producer.minOffset(topic, newest.queueId()));
        Await.until(
            "the newest is read",
            SOON,
            () -> {
              rest.addAll(late.poll(Duration.ofSeconds(1)));
              return rest.stream().anyMatch(read -> Payload.key(read.body()) == MESSAGES);
            });
        Await.until(
            "all delayed messages have come",
            Duration.ofSeconds(60),
            () -> delayedKeys(delayed).size() == DELAYED);
      }
      assertThat(onlyNew.keys())
          .as("what the group's offsets say")
          .containsExactly((long) MESSAGES);
      long oldest = rest.get(0).queueOffset();
      assertThat(oldest).as("the oldest that is left").isPositive();
      assertThat(rest)
          .extracting(Delivery::queueOffset)
          .containsExactlyElementsOf(
              LongStream.range(oldest, oldest + rest.size()).boxed().toList());
      assertThat(delayedKeys(delayed))
          .containsExactlyInAnyOrderElementsOf(LongStream.range(0, DELAYED).boxed().toList());
      for (Delivery delivery : delayed.deliveries()) {
        if (Payload.key(delivery.body()) < DELAYED) {
          assertThat(delivery.storedAt()).isGreaterThanOrEqualTo(dueMs);
        }
      }
      assertThat(segments(node)).as("segments of %s", node.dataDirectory()).hasSizeLessThan(12);
    }
  }

  private static NodeOptions options() {
    return NodeOptions.defaults()
        .with("sampo.log.segment-size", "256 KiB")
        .with("sampo.log.preallocate-step", "64 KiB")
        .with("sampo.retention.time", "8s")
        .with("sampo.retention.check-interval", "200ms")
        .with("sampo.retention.delete-at", allHours());
  }

  private static String allHours() {
    return String.join(";", LongStream.range(0, 24).mapToObj(Long::toString).toList());
  }

  private static List<Long> delayedKeys(Inbox inbox) {
    return inbox.keys().stream().filter(key -> key < DELAYED).toList();
  }

  private static OfficialProducer producer(ClientVersion version, NodeProcess node)
      throws ClientFailed {
    return version.client().startProducer(ProducerSpec.of(node.nameServer(), Names.fresh("old")));
  }

  private static OfficialConsumer consumer(
      ClientVersion version, NodeProcess node, String group, String topic, Inbox inbox)
      throws ClientFailed {
    return version
        .client()
        .startConsumer(
            ConsumerSpec.of(node.nameServer(), group, topic, Names.fresh("instance")), inbox);
  }

  private static Path log(NodeProcess node, long position) {
    return node.dataDirectory().resolve("broker-0/log/%020d.log".formatted(position));
  }

  private static Set<Path> segments(NodeProcess node) {
    try (Stream<Path> files = Files.list(node.dataDirectory().resolve("broker-0/log"))) {
      Set<Path> found = new HashSet<>();
      files.filter(file -> file.toString().endsWith(".log")).forEach(found::add);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
