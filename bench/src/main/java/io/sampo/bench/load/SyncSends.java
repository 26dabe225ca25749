package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Threads that each send, wait for the answer and send again. Latency is that of a call: a closed
 * loop, so a slow server is asked less often.
 */
record SyncSends(int threads, int bodyBytes) implements Load {
  @Override
  public void run(LoadRun run) throws Exception {
    byte[] body = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, body);
    AtomicBoolean stopped = new AtomicBoolean();
    Senders senders = new Senders();
    for (int i = 0; i < threads; i++) {
      senders.start(
          "sync-sender-" + i,
          () -> {
            while (!stopped.get()) {
              long from = System.nanoTime();
              try {
                run.client().send(topics.get(0), body);
                ledger.ended(1, from, null);
              } catch (Exception e) {
                ledger.ended(1, from, e);
              }
            }
          });
    }
    run.measureFor(ledger::acknowledged);
    stopped.set(true);
    senders.join();
    run.checkStored(topics, ledger);
  }
}
