package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Threads that each send in a transaction which commits at once, and send again: a half message
 * that is waited for, and an end that is not. Latency is that of a call. A message counts when its
 * end is sent; that all of them are in the queues is checked afterwards.
 */
record Transactions(int threads, int bodyBytes) implements Load {
  @Override
  public void run(LoadRun run) throws Exception {
    if (!run.client().sendsTransactions()) {
      run.result().invalid("this client has no transactions");
      return;
    }
    byte[] body = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, body);
    AtomicBoolean stopped = new AtomicBoolean();
    Senders senders = new Senders();
    for (int i = 0; i < threads; i++) {
      senders.start(
          "transaction-sender-" + i,
          () -> {
            while (!stopped.get()) {
              long from = System.nanoTime();
              try {
                run.client().sendInTransaction(topics.get(0), body);
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
