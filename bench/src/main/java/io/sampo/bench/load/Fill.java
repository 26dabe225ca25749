package io.sampo.bench.load;

import java.util.List;

/**
 * Sends a given number of messages and then looks at the server's memory. Bounded by count, so the
 * whole of it is measured, warm-up and all.
 */
record Fill(int bodyBytes, int windowSize) implements Load {
  @Override
  public void run(LoadRun run) throws Exception {
    byte[] body = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, body);
    Window window = new Window(windowSize);
    run.begin(ledger.acknowledged());
    for (int sent = 1; sent < run.amount().fill(); sent++) {
      window.enter();
      AsyncSends.send(run.client(), topics.get(0), body, ledger, window);
    }
    window.awaitEmpty();
    run.end(ledger.acknowledged());
    run.checkStored(topics, ledger);
  }
}
