package io.sampo.multijvm;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialPuller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Reads what queues hold, from the first message to the last, outside of any group's offsets. */
final class QueueReader {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);

  private QueueReader() {}

  /** What the first queues of a topic hold now, queue by queue in the order of their offsets. */
  static List<Delivery> readAll(NodeProcess node, String topic, int queues) throws ClientFailed {
    List<Delivery> all = new ArrayList<>();
    try (Offsets offsets = new Offsets(node)) {
      for (int queueId = 0; queueId < queues; queueId++) {
        long end = offsets.end(topic, queueId);
        if (end > 0) {
          all.addAll(read(node, topic, queueId, end));
        }
      }
    }
    return all;
  }

  private static List<Delivery> read(NodeProcess node, String topic, int queueId, long end)
      throws ClientFailed {
    // By place: a client that seeks while it pulls may hand out what it had pulled twice.
    TreeMap<Long, Delivery> messages = new TreeMap<>();
    try (OfficialPuller puller =
        ClientVersion.V5.client().startPuller(node.nameServer(), Names.fresh("reader"))) {
      puller.assign(topic, queueId, 0);
      Await.until(
          () -> "queue " + queueId + " of " + topic + " read to " + end + "; " + messages.size(),
          LIMIT,
          () -> {
            puller.poll(POLL).forEach(it -> messages.put(it.queueOffset(), it));
            return !messages.isEmpty() && messages.lastKey() >= end - 1;
          });
    }
    return List.copyOf(messages.values());
  }
}
