package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Async sends on a fixed schedule. Latency is from the time a send was due to its answer. */
record PacedSends(int bodyBytes) implements Load {
  /** Bounds what a stalled server can pile up in the client. */
  private static final int UNDER_WAY = 20_000;

  @Override
  public void run(LoadRun run) throws Exception {
    byte[] body = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, body);
    AtomicBoolean stopped = new AtomicBoolean();
    Window window = new Window(UNDER_WAY);
    Senders senders = new Senders();
    senders.start(
        "paced-sender",
        () -> {
          Pace pace = new Pace(run.amount().pacedRate());
          while (!stopped.get()) {
            long due = pace.awaitTurn();
            window.enter();
            run.client()
                .sendAsync(
                    topics.get(0),
                    body,
                    failure -> {
                      ledger.ended(1, due, failure);
                      window.leave();
                    });
          }
        });
    run.measureFor(ledger::acknowledged);
    stopped.set(true);
    senders.join();
    window.awaitEmpty();
    run.checkStored(topics, ledger);
  }
}
