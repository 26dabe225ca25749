package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes drafts and counts how often each of them is released. */
final class CountedDrafts {
  private final ConcurrentLinkedQueue<AtomicInteger> releases = new ConcurrentLinkedQueue<>();

  MessageDraft draft(QueueKey queue, String body) {
    return draft(queue, body.getBytes(StandardCharsets.UTF_8));
  }

  MessageDraft draft(QueueKey queue, byte[] body) {
    AtomicInteger released = new AtomicInteger();
    releases.add(released);
    ByteBuffer bytes = ByteBuffer.wrap(body);
    return MessageDraft.to(queue)
        .body(bytes, BodyCrc.of(bytes))
        .onRelease(released::incrementAndGet)
        .build();
  }

  /** The releases of each draft, in the order in which they were made. */
  List<Integer> releases() {
    return releases.stream().map(AtomicInteger::get).toList();
  }

  void assertEachReleasedOnce() {
    assertThat(releases()).as("releases of each draft").isNotEmpty().allMatch(count -> count == 1);
  }
}
