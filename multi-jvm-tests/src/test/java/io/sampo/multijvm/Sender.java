package io.sampo.multijvm;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that send messages of 1 KB through all queues of a topic, one after the other each, and
 * record every outcome, until they are stopped or have their number of acknowledgements. A failed
 * send is recorded, remembered for the test that allows none, and followed by a short pause.
 */
final class Sender implements AutoCloseable {
  private static final int BODY_BYTES = 1024;
  private static final int QUEUES = 4;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);
  private static final Duration MORE_LIMIT = Duration.ofSeconds(30);

  private final OfficialProducer producer;
  private final String topic;
  private final HistoryRecorder history;
  private final int wanted;
  private final Duration pause;
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch ended;
  private final AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
  private volatile boolean stopped;

  private Sender(
      OfficialProducer producer,
      String topic,
      HistoryRecorder history,
      int wanted,
      int threads,
      Duration pause) {
    this.producer = producer;
    this.topic = topic;
    this.history = history;
    this.wanted = wanted;
    this.pause = pause;
    this.ended = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(this::run, "sender-" + topic + "-" + i);
      thread.setDaemon(true);
      this.threads.add(thread);
    }
  }

  /** One thread that sends until it is stopped; the topic exists when this returns. */
  static Sender start(OfficialProducer producer, String topic, HistoryRecorder history)
      throws ClientFailed {
    return start(producer, topic, history, Integer.MAX_VALUE, 1);
  }

  /** Threads that send until the history holds this many acknowledgements. */
  static Sender start(
      OfficialProducer producer, String topic, HistoryRecorder history, int wanted, int threads)
      throws ClientFailed {
    return new Sender(producer, topic, history, wanted, threads, Duration.ZERO).started();
  }

  /** One thread that pauses after each message, for consumers that can't keep up with more. */
  static Sender startPaced(
      OfficialProducer producer, String topic, HistoryRecorder history, Duration pause)
      throws ClientFailed {
    return new Sender(producer, topic, history, Integer.MAX_VALUE, 1, pause).started();
  }

  private Sender started() throws ClientFailed {
    sendOne();
    threads.forEach(Thread::start);
    return this;
  }

  /** A listener that checks each body and records where it came from. */
  static Consumer<Delivery> recording(String session, HistoryRecorder history) {
    return delivery ->
        history.received(
            session,
            Payload.key(delivery.body()),
            new Place(delivery.queueId(), delivery.queueOffset()));
  }

  private void run() {
    try {
      while (!stopped && history.acknowledgedCount() < wanted) {
        try {
          sendOne();
          if (!pause.isZero()) {
            Await.breathe(pause);
          }
        } catch (ClientFailed e) {
          firstFailure.compareAndSet(null, e);
          Await.breathe(PAUSE_AFTER_FAILURE);
        }
      }
    } catch (RuntimeException | Error e) {
      firstFailure.compareAndSet(null, e);
    } finally {
      ended.countDown();
    }
  }

  private void sendOne() throws ClientFailed {
    long key = history.newKey();
    long started = System.nanoTime();
    try {
      Receipt receipt =
          producer.send(
              Outgoing.of(topic, Payload.of(key, BODY_BYTES)), Math.floorMod(key, QUEUES));
      history.acknowledged(key, new Place(receipt.queueId(), receipt.queueOffset()), started);
    } catch (ClientFailed e) {
      history.unknown(key, started);
      throw e;
    }
  }

  /** The first send that failed, or null. */
  @Nullable Throwable firstFailure() {
    return firstFailure.get();
  }

  /** Waits until this many more messages are acknowledged than now. */
  void awaitMore(int messages) {
    int goal = history.acknowledgedCount() + messages;
    Await.until(
        () -> goal + " acknowledged; there are " + history.acknowledgedCount(),
        MORE_LIMIT,
        () -> history.acknowledgedCount() >= goal);
  }

  /** Waits until every thread has ended by itself. */
  void awaitEnd(Duration limit) throws InterruptedException {
    if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(
          "still sending; acknowledged " + history.acknowledgedCount() + " of " + wanted);
    }
  }

  /** Ends the threads, each after the send it is at. */
  void stop() throws InterruptedException {
    stopped = true;
    awaitEnd(MORE_LIMIT);
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
