package io.sampo.routing.boot;

import io.sampo.client.ClientException;
import io.sampo.client.ConsumeFrom;
import io.sampo.client.Consumer;
import io.sampo.client.Message;
import io.sampo.client.Producer;
import io.sampo.client.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A producer that sends one message after the other, and a consumer that reads them, while nodes
 * come and go. Counts what was acknowledged and what arrived, and measures the longest time without
 * an acknowledgement.
 */
final class DemoTraffic implements AutoCloseable {
  private static final String TOPIC = "DemoTopic";
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);
  private static final long PAUSE_MS = 5;

  private final Producer producer;
  private final Consumer consumer;
  private final Thread sender = new Thread(this::send, "demo-sender");
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> received = ConcurrentHashMap.newKeySet();
  private final AtomicInteger repeated = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicLong gapMaxNanos = new AtomicLong();
  private volatile @Nullable String lastFailure;
  private volatile boolean stopped;

  DemoTraffic(String nameServers) {
    this.producer =
        Producer.builder(nameServers, "demo_producers")
            .sendTimeout(SEND_TIMEOUT)
            .attemptsMax(100)
            .build();
    this.consumer =
        Consumer.builder(nameServers, "demo_consumers")
            .consumeFrom(ConsumeFrom.FIRST)
            .subscribe(TOPIC, "*", this::onMessage)
            .start();
    sender.start();
  }

  private void send() {
    long acknowledgedAt = System.nanoTime();
    for (int i = 0; !stopped; i++) {
      String body = "message " + i;
      try {
        producer.sendAndWait(Message.of(TOPIC, body.getBytes(StandardCharsets.UTF_8)));
        acknowledged.add(body);
        long now = System.nanoTime();
        gapMaxNanos.accumulateAndGet(now - acknowledgedAt, Math::max);
        acknowledgedAt = now;
        Thread.sleep(PAUSE_MS);
      } catch (ClientException e) {
        failed.incrementAndGet();
        lastFailure = e.getMessage();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void onMessage(ReceivedMessage message) {
    if (!received.add(new String(message.body(), StandardCharsets.UTF_8))) {
      repeated.incrementAndGet();
    }
  }

  /** Begins to measure anew; returns what was the longest time without an acknowledgement. */
  Duration gapMaxSinceLast() {
    return Duration.ofNanos(gapMaxNanos.getAndSet(0));
  }

  int acknowledged() {
    return acknowledged.size();
  }

  int failed() {
    return failed.get();
  }

  @Nullable String lastFailure() {
    return lastFailure;
  }

  int repeated() {
    return repeated.get();
  }

  /** Acknowledged messages that have not arrived (yet). */
  int missing() {
    int missing = 0;
    for (String body : acknowledged) {
      missing += received.contains(body) ? 0 : 1;
    }
    return missing;
  }

  /** Sends no more. */
  void stopSending() throws InterruptedException {
    stopped = true;
    sender.join();
  }

  @Override
  public void close() {
    stopped = true;
    sender.interrupt();
    consumer.close();
    producer.close();
  }
}
