package io.sampo.bench.load;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One thread sends as fast as the window lets it, round the topics. Latency is from the call to the
 * answer: a closed loop, and with the window always full mostly queueing.
 */
record AsyncSends(int bodyBytes, int windowSize) implements Load {
  @Override
  public void run(LoadRun run) throws Exception {
    byte[] body = run.filler(bodyBytes);
    SendLedger ledger = new SendLedger(run.latencies());
    List<String> topics = run.openTopics(ledger, body);
    AtomicBoolean stopped = new AtomicBoolean();
    Window window = new Window(windowSize);
    Senders senders = new Senders();
    senders.start(
        "async-sender",
        () -> {
          int next = 0;
          while (!stopped.get()) {
            window.enter();
            send(run.client(), topics.get(next), body, ledger, window);
            next = next + 1 == topics.size() ? 0 : next + 1;
          }
        });
    run.measureFor(ledger::acknowledged);
    stopped.set(true);
    senders.join();
    window.awaitEmpty();
    run.checkStored(topics, ledger);
  }

  static void send(LoadClient client, String topic, byte[] body, SendLedger ledger, Window window) {
    long from = System.nanoTime();
    client.sendAsync(
        topic,
        body,
        failure -> {
          ledger.ended(1, from, failure);
          window.leave();
        });
  }
}
