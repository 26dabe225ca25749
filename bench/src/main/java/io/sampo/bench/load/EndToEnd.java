package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * From producer to consumer at a fixed, modest rate. Latency is from the time a send was due to its
 * arrival in the consumer's listener; both are in this process, so one clock serves.
 */
record EndToEnd(int bodyBytes, int perSecond) implements Load {
  private static final long TIMEOUT_MS = TimeUnit.SECONDS.toMillis(30);

  @Override
  public void run(LoadRun run) throws Exception {
    byte[] filler = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, Stamp.on(filler, Long.MAX_VALUE, 0));
    Deliveries deliveries = new Deliveries(SendAndConsume.SEQUENCES);
    run.client()
        .consume(
            Subscription.of("bench-e2e", topics.get(0)),
            body -> {
              long sequence = Stamp.sequence(body);
              if (sequence != Long.MAX_VALUE && deliveries.delivered(sequence)) {
                run.latencies()
                    .recordValue(Math.max(0, System.nanoTime() - Stamp.sinceNanos(body)));
              }
            });
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicLong sent = new AtomicLong();
    Senders senders = new Senders();
    senders.start(
        "paced-sender",
        () -> {
          Pace pace = new Pace(perSecond);
          while (!stopped.get()) {
            long due = pace.awaitTurn();
            run.client()
                .sendAsync(
                    topics.get(0),
                    Stamp.on(filler, sent.getAndIncrement(), due),
                    failure -> ledger.ended(1, failure));
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
