package io.sampo.bench.load;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Batches, sent by one thread within a window of batches. Latency is that of a batch. */
record BatchSends(int bodyBytes, int perBatch, int windowSize) implements Load {
  @Override
  public void run(LoadRun run) throws Exception {
    if (!run.client().sendsBatches()) {
      run.result().invalid("this client has no batches");
      return;
    }
    byte[] body = run.filler(bodyBytes);
    List<byte[]> batch = Collections.nCopies(perBatch, body);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, body);
    AtomicBoolean stopped = new AtomicBoolean();
    Window window = new Window(windowSize);
    Senders senders = new Senders();
    senders.start(
        "batch-sender",
        () -> {
          while (!stopped.get()) {
            window.enter();
            long from = System.nanoTime();
            run.client()
                .sendBatch(
                    topics.get(0),
                    batch,
                    List.of(),
                    failure -> {
                      ledger.ended(perBatch, from, failure);
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
