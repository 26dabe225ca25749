package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends at a fixed rate messages that are due a fixed time later, and consumes them. Latency is how
 * late they come; one that comes early makes the run invalid.
 */
record Delayed(int bodyBytes, int perSecond, long delayMs) implements Load {
  private static final long TIMEOUT_MS = TimeUnit.SECONDS.toMillis(30);

  /** A message names its time in whole milliseconds. */
  private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  @Override
  public void run(LoadRun run) throws Exception {
    if (!run.client().sendsDelayed()) {
      run.result().invalid("this client has no delayed messages");
      return;
    }
    byte[] filler = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, Stamp.on(filler, Long.MAX_VALUE, 0));
    Deliveries deliveries = new Deliveries(SendAndConsume.SEQUENCES);
    AtomicLong early = new AtomicLong();
    run.client()
        .consume(
            Subscription.of("bench-delayed", topics.get(0)),
            body -> {
              long sequence = Stamp.sequence(body);
              if (sequence != Long.MAX_VALUE && deliveries.delivered(sequence)) {
                long lateNanos = System.nanoTime() - Stamp.sinceNanos(body);
                if (lateNanos < -GRAIN_NANOS) {
                  early.incrementAndGet();
                }
                run.latencies().recordValue(Math.max(0, lateNanos));
              }
            });
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicLong sent = new AtomicLong();
    Senders senders = new Senders();
    senders.start("delaying-sender", () -> send(run, topics.get(0), filler, stopped, sent, ledger));
    run.measureFor(deliveries::count);
    stopped.set(true);
    senders.join();
    boolean unused = deliveries.await(sent.get(), TIMEOUT_MS);
    run.awaitEnded(ledger, sent.get() + topics.size());
    run.checkStored(topics, ledger);
    run.checkDelivered(deliveries, sent.get());
    if (early.get() > 0) {
      run.result().invalid(early.get() + " messages came early");
    }
  }

  private void send(
      LoadRun run,
      String topic,
      byte[] filler,
      AtomicBoolean stopped,
      AtomicLong sent,
      SendLedger ledger)
      throws Exception {
    Pace pace = new Pace(perSecond);
    while (!stopped.get()) {
      long unused = pace.awaitTurn();
      long deliverAtMs = System.currentTimeMillis() + delayMs;
      long deliverAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs);
      byte[] body = Stamp.on(filler, sent.getAndIncrement(), deliverAtNanos);
      run.client().sendDelayed(topic, body, deliverAtMs, failure -> ledger.ended(1, failure));
    }
  }
}
