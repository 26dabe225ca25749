package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends and consumes at once. A message leaves the window when it has been consumed, so both sides
 * go at the same speed and no backlog builds up. Latency is from the send to the consumer.
 */
record SendAndConsume(int bodyBytes, int windowSize) implements Load {
  /** More than any run sends. */
  static final long SEQUENCES = 1L << 26;

  private static final long TIMEOUT_MS = TimeUnit.SECONDS.toMillis(30);

  @Override
  public void run(LoadRun run) throws Exception {
    byte[] filler = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, Stamp.on(filler, Long.MAX_VALUE, 0));
    Deliveries deliveries = new Deliveries(SEQUENCES);
    Window window = new Window(windowSize);
    run.client()
        .consume(
            Subscription.of("bench-both", topics.get(0)),
            body -> {
              long sequence = Stamp.sequence(body);
              if (sequence != Long.MAX_VALUE && deliveries.delivered(sequence)) {
                run.latencies()
                    .recordValue(Math.max(0, System.nanoTime() - Stamp.sinceNanos(body)));
                window.leave();
              }
            });
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicLong sent = new AtomicLong();
    Senders senders = new Senders();
    senders.start(
        "async-sender",
        () -> {
          while (!stopped.get()) {
            window.enter();
            byte[] body = Stamp.on(filler, sent.getAndIncrement(), System.nanoTime());
            run.client()
                .sendAsync(
                    topics.get(0),
                    body,
                    failure -> {
                      ledger.ended(1, failure);
                      if (failure != null) {
                        window.leave(); // nobody will consume it
                      }
                    });
          }
        });
    run.measureFor(deliveries::count);
    stopped.set(true);
    senders.join();
    boolean unused = deliveries.await(sent.get(), TIMEOUT_MS);
    run.awaitEnded(ledger, sent.get() + topics.size());
    run.checkStored(topics, ledger);
    run.checkDelivered(deliveries, sent.get());
  }
}
