package io.sampo.routing.boot;

import io.sampo.client.ClientException;
import io.sampo.client.ConsumeFrom;
import io.sampo.client.Consumer;
import io.sampo.client.Message;
import io.sampo.client.Producer;
import io.sampo.client.ReceivedMessage;
import io.sampo.client.SendReceipt;
import io.sampo.client.TopicQueue;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What RocketMQ's quickstart does, against any node: a producer sends "Hello RocketMQ 0", 1, 2, …
 * with the tag TagA to TopicTest, each after the answer to the one before, and then a consumer of a
 * group of its own reads them all. Counts what was answered and what arrived, by the bodies, so
 * that the summary tells what really happened.
 */
final class QuickstartRun {
  private static final String TOPIC = "TopicTest";
  private static final String TAG = "TagA";
  private static final Duration ARRIVAL_PATIENCE = Duration.ofSeconds(30);
  private static final int PROGRESS_STEPS = 10;
  private static final int FAILURES_SHOWN = 3;

  private final String nameServer;
  private final int messages;
  private final PrintStream out;

  /** Bodies whose sends were answered as stored, and how often each arrived. */
  private final Map<String, AtomicInteger> arrivals = new ConcurrentHashMap<>();

  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger strangers = new AtomicInteger();

  /**
   * What came of it.
   *
   * @param sent answered as stored
   * @param received of these, at least once
   * @param repeated arrivals beyond the first of a message
   */
  record Summary(
      int wanted, int sent, int received, int repeated, double sendSeconds, double receiveSeconds) {
    int lost() {
      return sent - received;
    }

    boolean isPerfect() {
      return sent == wanted && lost() == 0;
    }
  }

  QuickstartRun(String nameServer, int messages, PrintStream out) {
    this.nameServer = nameServer;
    this.messages = messages;
    this.out = out;
  }

  /** Sends, receives, and tells each step. */
  Summary run() throws InterruptedException {
    long started = System.nanoTime();
    send();
    long sent = System.nanoTime();
    receive();
    long received = System.nanoTime();
    int receivedOnce = (int) arrivals.values().stream().filter(count -> count.get() > 0).count();
    return new Summary(
        messages,
        arrivals.size(),
        receivedOnce,
        arrived.get() - receivedOnce,
        (sent - started) / 1e9,
        (received - sent) / 1e9);
  }

  private void send() throws InterruptedException {
    out.printf(
        "Sending %,d messages to %s, each after the answer to the one before:%n", messages, TOPIC);
    int failures = 0;
    SendReceipt last = null;
    try (Producer producer = Producer.builder(nameServer, "quickstart_producers").build()) {
      Progress progress = new Progress();
      for (int i = 0; i < messages; i++) {
        String body = "Hello RocketMQ " + i;
        try {
          last =
              producer.sendAndWait(
                  Message.to(TOPIC).tag(TAG).body(body.getBytes(StandardCharsets.UTF_8)).build());
          arrivals.put(body, new AtomicInteger());
        } catch (ClientException e) {
          if (++failures <= FAILURES_SHOWN) {
            out.printf("%n  message %d was not accepted: %s%n", i, e.getMessage());
          }
        }
        progress.reached(i + 1);
      }
    }
    out.println();
    tellLast(last);
  }

  private void tellLast(@Nullable SendReceipt last) {
    if (last != null) {
      out.printf(
          Locale.ROOT,
          "  the last one is in queue %s at offset %d, with the id %s%n",
          name(last.queue()),
          last.queueOffset(),
          last.messageId());
    }
  }

  private void receive() throws InterruptedException {
    out.printf("Consuming %s as a group that starts at the first message:%n", TOPIC);
    Progress progress = new Progress();
    try (Consumer consumer =
        Consumer.builder(nameServer, "quickstart_consumers")
            .consumeFrom(ConsumeFrom.FIRST)
            .subscribe(TOPIC, TAG, message -> onMessage(message, progress))
            .start()) {
      awaitAll();
      out.println();
      out.printf(
          "  from the queues %s%n",
          consumer.assignedQueues().stream()
              .map(QuickstartRun::name)
              .sorted()
              .collect(Collectors.joining(", ")));
    }
  }

  private void onMessage(ReceivedMessage message, Progress progress) {
    AtomicInteger count = arrivals.get(new String(message.body(), StandardCharsets.UTF_8));
    if (count == null) {
      strangers.incrementAndGet(); // its send was not answered; at least once allows that
      return;
    }
    count.incrementAndGet();
    int total = arrived.incrementAndGet();
    progress.reached(total);
    synchronized (arrived) {
      arrived.notifyAll();
    }
  }

  private static String name(TopicQueue queue) {
    return queue.brokerName() + "/" + queue.queueId();
  }

  /** Waits until all are there, or nothing has come for a while. */
  private void awaitAll() throws InterruptedException {
    synchronized (arrived) {
      int before = -1;
      while (arrived.get() < arrivals.size() && arrived.get() > before) {
        before = arrived.get();
        long deadline = System.nanoTime() + ARRIVAL_PATIENCE.toNanos();
        while (arrived.get() == before && System.nanoTime() < deadline) {
          arrived.wait(ARRIVAL_PATIENCE.toMillis());
        }
      }
    }
  }

  /** Prints a number each time another tenth is reached. */
  private final class Progress {
    private final int step = Math.max(1, messages / PROGRESS_STEPS);

    void reached(int count) {
      if (count % step == 0 || count == messages) {
        out.print((count <= step ? "  " : " ") + count);
        out.flush();
      }
    }
  }
}
