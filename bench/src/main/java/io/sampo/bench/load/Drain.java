package io.sampo.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A backlog is sent first, in batches; then a consumer takes all messages of one tag. Measured is
 * the middle of the drain: the first quarter is the warm-up, and at the very end some queues are
 * empty before others.
 *
 * @param tags how many tags the messages carry in turn; the consumer wants one of them, and with 1
 *     it wants everything
 */
record Drain(int bodyBytes, int tags, Subscription.Style style) implements Load {
  private static final int PER_BATCH = 32;
  private static final int BATCHES_UNDER_WAY = 16;
  private static final long TIMEOUT_MS = TimeUnit.MINUTES.toMillis(3);

  @Override
  public void run(LoadRun run) throws Exception {
    if (!run.client().consumes(style)) {
      run.result().invalid("this client can't consume so: " + style);
      return;
    }
    byte[] filler = run.filler(bodyBytes);
    // Sequences that no consumer expects mark the message that only opens the topic.
    byte[] opening = Stamp.on(filler, Long.MAX_VALUE, 0);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, opening);
    int backlog = run.amount().backlog() / tags * tags;
    send(run, topics.get(0), filler, backlog, ledger);
    run.checkStored(topics, ledger);

    long wanted = backlog / tags;
    Deliveries deliveries = new Deliveries(wanted);
    run.client()
        .consume(
            new Subscription("bench-drain", topics.get(0), tags == 1 ? "*" : tag(0), style),
            body -> {
              long sequence = Stamp.sequence(body);
              if (sequence != Long.MAX_VALUE) {
                // One of another tag lands beyond what is wanted and so counts as foreign.
                boolean unused =
                    deliveries.delivered(sequence % tags == 0 ? sequence / tags : Long.MAX_VALUE);
              }
            });
    await(deliveries, wanted / 4);
    run.begin(deliveries.count());
    await(deliveries, wanted * 95 / 100);
    run.end(deliveries.count());
    await(deliveries, wanted);
    run.checkDelivered(deliveries, wanted);
  }

  private void send(LoadRun run, String topic, byte[] filler, int backlog, SendLedger ledger)
      throws InterruptedException {
    Window window = new Window(BATCHES_UNDER_WAY);
    for (int from = 0; from < backlog; from += PER_BATCH) {
      int count = Math.min(PER_BATCH, backlog - from);
      List<byte[]> bodies = new ArrayList<>(count);
      List<String> tagOfEach = new ArrayList<>(count);
      for (int i = from; i < from + count; i++) {
        bodies.add(Stamp.on(filler, i, 0));
        if (tags > 1) {
          tagOfEach.add(tag(i % tags));
        }
      }
      window.enter();
      run.client()
          .sendBatch(
              topic,
              bodies,
              tagOfEach,
              failure -> {
                ledger.ended(count, failure);
                window.leave();
              });
    }
    window.awaitEmpty();
  }

  private static String tag(int number) {
    return "tag" + number;
  }

  private static void await(Deliveries deliveries, long count) throws InterruptedException {
    if (!deliveries.await(count, TIMEOUT_MS)) {
      throw new IllegalStateException("stuck at " + deliveries.count() + " deliveries of " + count);
    }
  }
}
